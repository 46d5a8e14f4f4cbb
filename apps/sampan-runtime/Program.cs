using Sampan.Kernel;

namespace Sampan.RuntimeCommand;

internal static class Program
{
    /// <summary>Ends without the .NET runtime's farewell: there are no threads to wait for and no buffers to empty, and it takes 1 % of a start's CPU time.</summary>
    private static void Main(string[] args) => Syscalls.ExitGroup(MonitorVerbs.Run(args) ?? Sealable(args));

    private static int Sealable(string[] args)
    {
        Sampan.Runtime.Sealing.SealedSelf.Allow(args);
        return Dispatch.Run(args);
    }
}
