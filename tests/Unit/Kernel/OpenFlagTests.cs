using System.Runtime.InteropServices;
using Sampan.Kernel;

namespace Sampan.Tests.Unit.Kernel;

public class OpenFlagTests
{
    [Theory]
    [InlineData(OpenFlags.Directory, Architecture.X64, 0x10000)] // 0200000
    [InlineData(OpenFlags.NoFollow, Architecture.X64, 0x20000)] // 0400000
    [InlineData(OpenFlags.Directory, Architecture.Arm64, 0x4000)] // 040000
    [InlineData(OpenFlags.NoFollow, Architecture.Arm64, 0x8000)] // 0100000
    [InlineData(OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.Directory | OpenFlags.NoFollow | OpenFlags.CloseOnExec, Architecture.Arm64, 0x8C042)]
    [InlineData(OpenFlags.Path | OpenFlags.Append | OpenFlags.NonBlocking, Architecture.Arm64, 0x200C00)]
    public void FlagsHaveTheNumbersOfTheArchitecture(OpenFlags flags, Architecture architecture, int number) =>
        Assert.Equal(number, OpenFlagNumbers.Of(flags, architecture));
}
