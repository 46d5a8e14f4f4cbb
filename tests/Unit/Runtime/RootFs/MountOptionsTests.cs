using Sampan.Runtime.RootFs;

namespace Sampan.Tests.Unit.Runtime.RootFs;

public sealed class MountOptionsTests
{
    private const ulong ReadOnly = 1, NoSuid = 2, NoDev = 4, NoExec = 8, NoAtime = 0x10, StrictAtime = 0x20, AtimeMask = 0x70;

    [Fact]
    public void AttributesAreSetAndTheLastWordCounts()
    {
        MountOptions options = MountOptions.Parse(["nosuid", "noexec", "ro", "rw", "dev", "nodev"]);
        Assert.Equal(NoSuid | NoExec | NoDev, options.Set);
        Assert.Equal(ReadOnly, options.Clear & ReadOnly);
        Assert.Empty(options.Data);
    }

    [Theory]
    [InlineData("rro", ReadOnly, 0UL)]
    [InlineData("rrw", 0UL, ReadOnly)]
    [InlineData("rnosuid", NoSuid, 0UL)]
    [InlineData("rexec", 0UL, NoExec)]
    [InlineData("rnoatime", NoAtime, AtimeMask)]
    [InlineData("rstrictatime", StrictAtime, AtimeMask)]
    public void AnRInFrontMeansTheWholeTree(string word, ulong set, ulong clear)
    {
        MountOptions options = MountOptions.Parse([word]);
        Assert.Equal((set, clear), (options.RecursiveSet, options.RecursiveClear));
        Assert.Equal((0UL, 0UL), (options.Set, options.Clear));
    }

    [Fact]
    public void RelatimeAndRbindAreNotRecursiveFormsOfOtherWords()
    {
        MountOptions options = MountOptions.Parse(["relatime", "rbind"]);
        Assert.Equal(AtimeMask, options.Clear);
        Assert.True(options.Bind && options.RecursiveBind);
        Assert.Equal(0UL, options.RecursiveSet | options.RecursiveClear);
    }

    [Fact]
    public void PropagationKeepsItsOrder()
    {
        MountOptions options = MountOptions.Parse(["rslave", "shared"]);
        Assert.Equal([(MountOptions.Slave, true), (MountOptions.Shared, false)], options.Propagation);
    }

    [Fact]
    public void WhatIsNotKnownIsTheFileSystemsBusiness()
    {
        MountOptions options = MountOptions.Parse(["size=64k", "mode=755", "hidepid=2", "sync", "defaults"]);
        Assert.Equal(["size=64k", "mode=755", "hidepid=2", "sync"], options.Data);
    }

    [Fact]
    public void WordsForTheRuntimeAreItsOwn()
    {
        MountOptions options = MountOptions.Parse(["tmpcopyup", "ridmap", "remount", "src-nofollow"]);
        Assert.True(options.CopyUp && options.IdMap && options.RecursiveIdMap && options.Remount && options.SourceNoFollow);
    }
}
