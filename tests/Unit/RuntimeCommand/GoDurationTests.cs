using Sampan.RuntimeCommand.CommandLine;

namespace Sampan.Tests.Unit.RuntimeCommand;

public sealed class GoDurationTests
{
    [Theory]
    [InlineData("5s", 5000)]
    [InlineData("100ms", 100)]
    [InlineData("1m30s", 90_000)]
    [InlineData("0.5h", 1_800_000)]
    [InlineData("1500us", 1.5)]
    [InlineData("0", 0)]
    public void Durations_of_Go_are_read(string text, double milliseconds)
    {
        Assert.True(GoDuration.TryParse(text, out TimeSpan duration));
        Assert.Equal(milliseconds, duration.TotalMilliseconds, 6);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("-5s")]
    [InlineData("5 s")]
    [InlineData("5d")]
    [InlineData("1.2.3s")]
    [InlineData("99999999999999h")]
    public void Others_are_refused(string text) => Assert.False(GoDuration.TryParse(text, out _));
}
