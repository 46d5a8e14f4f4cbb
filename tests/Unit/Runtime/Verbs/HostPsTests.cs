using Sampan.Runtime;
using Sampan.Runtime.Verbs;

namespace Sampan.Tests.Unit.Runtime.Verbs;

public sealed class HostPsTests
{
    [Fact]
    public void Lines_are_chosen_by_their_PID_column_wherever_it_stands()
    {
        const string Output = "USER       PID CMD\nroot        12 sleep 34\nroot        34 sleep 12\n";

        Assert.Equal("USER       PID CMD\nroot        12 sleep 34\n", HostPs.Choose(Output, [12, 99]));
        Assert.Equal("  PID\n   34\n", HostPs.Choose("  PID\n   12\n   34\n", [34]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("USER CMD\nroot 12\n")]
    public void Without_that_column_nothing_can_be_chosen(string output) =>
        Assert.Contains("couldn't find PID field", Assert.Throws<RuntimeException>(() => HostPs.Choose(output, [12])).Message, StringComparison.Ordinal);
}
