namespace Sampan.RuntimeCommand;

internal static class Program
{
    private static int Main(string[] args) => MonitorVerbs.Run(args) ?? Dispatch.Run(args);
}
