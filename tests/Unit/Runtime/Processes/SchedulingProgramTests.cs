using Sampan.Runtime;
using Sampan.Runtime.Processes;

namespace Sampan.Tests.Unit.Runtime.Processes;

public sealed class SchedulingProgramTests
{
    [Theory]
    [InlineData("3-1")]
    [InlineData("a")]
    [InlineData("1,,2")]
    [InlineData("99999999")]
    public void WhatIsNoListOfProcessorsIsRefusedWithItsField(string list)
    {
        RuntimeException failure = Assert.Throws<RuntimeException>(() => SchedulingProgram.Parse(list, "process.execCPUAffinity.initial"));
        Assert.StartsWith("process.execCPUAffinity.initial", failure.Message, StringComparison.Ordinal);
    }
}
