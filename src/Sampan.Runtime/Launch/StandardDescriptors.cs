using Sampan.Kernel;

namespace Sampan.Runtime.Launch;

/// <summary>What the caller's first three descriptors are, for the record.</summary>
internal static class StandardDescriptors
{
    public static string[] Describe()
    {
        string[] names = new string[3];
        for (int number = 0; number < 3; number++)
        {
            try
            {
                names[number] = Syscalls.ReadLinkAt(Syscalls.WorkingDirectory, $"/proc/self/fd/{number}");
            }
            catch (KernelException)
            {
                names[number] = "";
            }
        }
        return names;
    }
}
