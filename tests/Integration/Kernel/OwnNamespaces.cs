using System.Runtime.ExceptionServices;
using Sampan.Kernel;

namespace Sampan.Tests.Integration.Kernel;

/// <summary>Runs a piece of a test in a thread with namespaces of its own. They are gone, with all that is in them, when the thread ends.</summary>
internal static class OwnNamespaces
{
    public static void Run(NamespaceFlags kinds, Action body)
    {
        Assert.SkipUnless(Syscalls.GetEuid() == 0, "needs root to make namespaces");
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Syscalls.Unshare(kinds | NamespaceFlags.FileSystemAttributes);
                if ((kinds & NamespaceFlags.Mount) != 0)
                    Syscalls.Mount(null, "/", null, MountFlags.Private | MountFlags.Recursive);
                body();
            }
            catch (Exception exception)
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    /// <summary>A descriptor of a new network namespace, which lives as long as the descriptor.</summary>
    public static FileDescriptor NewNetwork()
    {
        FileDescriptor? network = null;
        Run(NamespaceFlags.Network, () => network = Syscalls.Open("/proc/thread-self/ns/net", OpenFlags.ReadOnly));
        return network!;
    }
}
