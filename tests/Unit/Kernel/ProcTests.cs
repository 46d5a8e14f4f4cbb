using System.Text;
using Sampan.Kernel;

namespace Sampan.Tests.Unit.Kernel;

public sealed class ProcTests
{
    [Fact]
    public void MountInfoLineIsParsed()
    {
        MountInfo mount = Assert.Single(MountInfo.Parse("36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue\n"u8));
        Assert.Equal(new MountInfo(36, 35, new DeviceNumber(98, 0), "/mnt1", "/mnt2", "rw,noatime", 0, 1, false, "ext3", "/dev/root", "rw,errors=continue"), mount);
    }

    [Fact]
    public void OctalEscapesAreDecodedAndOptionalFieldsMayBeMany()
    {
        MountInfo mount = Assert.Single(MountInfo.Parse(@"1 0 0:5 /a\134b /tab\011\040space\012line\134 ro shared:7 master:3 propagate_from:2 unbindable future - fuse.x a\043b rw"u8));
        Assert.Equal("/a\\b", mount.Root);
        Assert.Equal("/tab\t space\nline\\", mount.MountPoint);
        Assert.Equal(7, mount.PeerGroup);
        Assert.Equal(3, mount.Master);
        Assert.True(mount.IsUnbindable);
        Assert.Equal("fuse.x", mount.FileSystemType);
        Assert.Equal("a#b", mount.Source);
    }

    [Fact]
    public void NonAsciiBytesAndEmptySourceSurvive()
    {
        MountInfo mount = Assert.Single(MountInfo.Parse(Encoding.UTF8.GetBytes("1 0 0:5 / /höhle rw - tmpfs  rw\n")));
        Assert.Equal("/höhle", mount.MountPoint);
        Assert.Equal("", mount.Source);
        Assert.Equal("rw", mount.SuperOptions);
    }

    [Theory]
    [InlineData("")]
    [InlineData("garbage")]
    [InlineData("1 0 0 / / rw - tmpfs x rw")]
    [InlineData("1 x 0:1 / / rw - tmpfs x rw")]
    [InlineData("1 0 0:1 / / rw shared:1")]
    public void LineOfAnotherFormIsLeftOut(string line) => Assert.Empty(MountInfo.Parse(Encoding.UTF8.GetBytes(line)));

    [Fact]
    public void OwnMountsContainProc() => Assert.Contains(MountInfo.Read(), m => m is { MountPoint: "/proc", FileSystemType: "proc" });

    [Fact]
    public void NameWithParenthesesAndSpacesDoesNotDisturbTheFields()
    {
        string text = "42 (a) R (b c)) S 7 8 9 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 3 0 123456 1000 18446744073709551615\n";
        Assert.True(ProcStat.TryParse(Encoding.UTF8.GetBytes(text), out ProcStat stat));
        Assert.Equal(new ProcStat(42, "a) R (b c)", 'S', 7, 8, 9, 3, 123456), stat);
        Assert.False(stat.IsDead);
    }

    [Theory]
    [InlineData("")]
    [InlineData("42")]
    [InlineData("42 (x) S 1 2")]
    [InlineData("42 (x")]
    public void TruncatedStatIsRefused(string text) => Assert.False(ProcStat.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void OwnStatAndStatusAreRead()
    {
        int self = Environment.ProcessId;
        Assert.True(ProcStat.TryRead(self, out ProcStat stat));
        Assert.Equal(self, stat.Pid);
        Assert.Equal(Syscalls.GetPPid(), stat.ParentPid);
        Assert.True(stat.StartTime > 0);
        ProcStatus status = ProcStatus.Read(self)!;
        Assert.Equal(Syscalls.GetUid(), status.Uid);
        Assert.Equal(self, status.NamespacePids[0]);
        Assert.Equal(Syscalls.CapGet().Effective, status.Effective);
    }

    [Fact]
    public void MissingProcessIsNoError()
    {
        Assert.False(ProcStat.TryRead(int.MaxValue, out _));
        Assert.Null(ProcStatus.Read(int.MaxValue));
    }

    [Fact]
    public void StatusLinesAreParsed()
    {
        ProcStatus status = ProcStatus.Parse("Name:\tx\nUid:\t5\t6\t7\t8\nGid:\t9\t9\t9\t9\nNSpid:\t100\t20\t1\nCapInh:\t0000000000000001\nCapBnd:\t000001ffffffffff\nNoNewPrivs:\t1\nSeccomp:\t2\n"u8);
        Assert.Equal((5u, 9u), (status.Uid, status.Gid));
        Assert.Equal([100, 20, 1], status.NamespacePids);
        Assert.Equal((1UL, 0x1ffffffffffUL), (status.Inheritable, status.Bounding));
        Assert.True(status.NoNewPrivileges);
        Assert.Equal(2, status.Seccomp);
        Assert.Equal(uint.MaxValue, ProcStatus.Parse("Name:\tx\n"u8).Uid);
    }
}
