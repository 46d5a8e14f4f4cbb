namespace Sampan.Tests.Architecture;

/// <summary>The check that ends most rules here: it names every offender, where xunit's own would cut the list short.</summary>
internal static class Offenders
{
    public static void None(IEnumerable<string> offenders)
    {
        string[] all = [.. offenders];
        Assert.True(all.Length == 0, $"against the rule:\n  {string.Join("\n  ", all)}");
    }
}
