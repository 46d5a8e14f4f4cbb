using Sampan.Runtime;
using Sampan.Runtime.Processes;

namespace Sampan.Tests.Unit.Runtime.Processes;

public sealed class IdListTests
{
    [Theory]
    [InlineData("0", 0x01)]
    [InlineData("0-3", 0x0F)]
    [InlineData("1,4-5", 0x32)]
    [InlineData(" 2 , 0 ", 0x05)]
    public void NumbersAndRangesBecomeBits(string list, byte first)
    {
        byte[] mask = IdList.ToMask(list, "field");
        Assert.Equal(8, mask.Length);
        Assert.Equal(first, mask[0]);
    }

    [Fact]
    public void AHighIdMakesTheMaskLonger() => Assert.Equal(16, IdList.ToMask("64", "field").Length);

    [Theory]
    [InlineData("3-1")]
    [InlineData("a")]
    [InlineData("-1")]
    [InlineData("99999999")]
    public void AnythingElseIsRefusedWithItsField(string list)
    {
        RuntimeException failure = Assert.Throws<RuntimeException>(() => IdList.ToMask(list, "process.execCPUAffinity.initial"));
        Assert.StartsWith("process.execCPUAffinity.initial", failure.Message, StringComparison.Ordinal);
    }
}
