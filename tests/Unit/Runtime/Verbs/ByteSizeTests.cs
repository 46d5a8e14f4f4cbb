using Sampan.Runtime.Verbs;

namespace Sampan.Tests.Unit.Runtime.Verbs;

public sealed class ByteSizeTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("-1", -1)]
    [InlineData("1048576", 1048576)]
    [InlineData("512k", 512 * 1024)]
    [InlineData("64M", 64L << 20)]
    [InlineData("2G", 2L << 30)]
    [InlineData("2gb", 2L << 30)]
    [InlineData("2GiB", 2L << 30)]
    [InlineData("1.5m", 3L << 19)]
    [InlineData("1 t", 1L << 40)]
    [InlineData("10b", 10)]
    public void Sizes_are_read(string text, long expected)
    {
        Assert.True(ByteSize.TryParse(text, out long bytes));
        Assert.Equal(expected, bytes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("k")]
    [InlineData("-2")]
    [InlineData("5x")]
    [InlineData("5ib")]
    [InlineData("5kbb")]
    [InlineData("99999999p")]
    [InlineData("1e3")]
    public void Others_are_refused(string text) => Assert.False(ByteSize.TryParse(text, out _));
}
