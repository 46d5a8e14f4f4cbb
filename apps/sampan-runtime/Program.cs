namespace Sampan.RuntimeCommand;

internal static class Program
{
    private static int Main(string[] args) => MonitorVerbs.Run(args) ?? Sealable(args);

    private static int Sealable(string[] args)
    {
        Sampan.Runtime.Sealing.SealedSelf.Allow(args);
        return Dispatch.Run(args);
    }
}
