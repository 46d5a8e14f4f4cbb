using System.Text;
using Sampan.Kernel;

namespace Sampan.Tests.Unit.Kernel;

public sealed class AccountTests
{
    private static readonly byte[] s_passwd = Encoding.UTF8.GetBytes("""
        # comment
        +nis::::::
        root:x:0:0:root:/root:/bin/sh
        1000:x:0:0:evil:/evil:/bin/sh
        user:x:1000:100::/home/user:
        twice:x:7:7::/first:
        twice:x:8:8::/second:
        bad:x:-1:0::/:
        wrap:x:4294967296:0::/:
        short:x:5
        empty:x:::/:
        """);

    private static readonly byte[] s_group = Encoding.UTF8.GetBytes("""
        root:x:0:
        users:x:100:
        audio:x:29:user, other
        video:x:44:other,user
        again:x:29:user
        bad:x:nine:user
        """);

    [Theory]
    [InlineData("", 0u, 0u, "/root")]
    [InlineData("root", 0u, 0u, "/root")]
    [InlineData("0", 0u, 0u, "/root")]
    [InlineData("user", 1000u, 100u, "/home/user")]
    [InlineData("1000", 1000u, 100u, "/home/user")]
    [InlineData("4711", 4711u, 0u, "/")]
    [InlineData("2147483647", 2147483647u, 0u, "/")]
    [InlineData("user:29", 1000u, 29u, "/home/user")]
    [InlineData("user:video", 1000u, 44u, "/home/user")]
    [InlineData("4711:users", 4711u, 100u, "/")]
    [InlineData("twice", 7u, 7u, "/first")]
    [InlineData(":users", 0u, 100u, "/root")]
    [InlineData("user:", 1000u, 100u, "/home/user")]
    public void UserIsResolved(string text, uint uid, uint gid, string home)
    {
        ResolvedUser user = ResolvedUser.Resolve(text, s_passwd, s_group);
        Assert.Equal((uid, gid, home), (user.Uid, user.Gid, user.Home));
    }

    [Theory]
    [InlineData("2147483648")]
    [InlineData("4294967296")]
    [InlineData("4294967295")]
    [InlineData("99999999999999999999")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData(" 0")]
    [InlineData("nobody")]
    [InlineData("bad")]
    [InlineData("wrap")]
    [InlineData("short")]
    [InlineData("empty")]
    [InlineData("# comment")]
    [InlineData("user:nogroup")]
    [InlineData("user:bad")]
    [InlineData("user:-1")]
    [InlineData("user:2147483648")]
    [InlineData("user:100:200")]
    public void BadUserIsAnErrorAndNeverZero(string text) =>
        Assert.Throws<InvalidDataException>(() => ResolvedUser.Resolve(text, s_passwd, s_group));

    [Fact]
    public void NumericNameDoesNotWin()
    {
        // CVE-2016-3697: the line "1000:x:0:0" made --user 1000 root.
        Assert.Equal(1000u, ResolvedUser.Resolve("1000", s_passwd, s_group).Uid);
        Assert.Equal(1000u, ResolvedUser.Resolve("1000", "1000:x:0:0::/:\n"u8.ToArray(), null).Uid);
    }

    [Fact]
    public void GroupsOfTheUserComeAlongUnlessAGroupIsNamed()
    {
        Assert.Equal([29u, 44u], ResolvedUser.Resolve("user", s_passwd, s_group).AdditionalGids);
        Assert.Equal([29u, 44u], ResolvedUser.Resolve("1000", s_passwd, s_group).AdditionalGids);
        Assert.Empty(ResolvedUser.Resolve("user:100", s_passwd, s_group).AdditionalGids);
        Assert.Empty(ResolvedUser.Resolve("4711", s_passwd, s_group).AdditionalGids);
    }

    [Fact]
    public void WithoutFilesNumbersWorkAndNamesDoNot()
    {
        Assert.Equal(5u, ResolvedUser.Resolve("5:6", null, null).Uid);
        Assert.Throws<InvalidDataException>(() => ResolvedUser.Resolve("root", null, null));
    }

    [Fact]
    public void SubordinateRangesAreFoundByNameAndByNumber()
    {
        byte[] text = "user:100000:65536\n1000:300000:10\nother:200000:65536\nuser:x:5\nuser:4294967295:2\nuser:1:0\n"u8.ToArray();
        Assert.Equal([new SubIdRange(100000, 65536), new SubIdRange(300000, 10)], SubIdFile.Find(text, "user", 1000));
        Assert.Empty(SubIdFile.Find(text, null, 1));
    }

    [Fact]
    public void FileIsReadInsideTheRootOnly()
    {
        using var directory = new TestDirectory();
        Directory.CreateDirectory(directory["root/etc"]);
        Directory.CreateDirectory(directory["etc"]);
        File.WriteAllText(directory["etc/passwd"], "outside:x:1:1::/:\n");
        File.CreateSymbolicLink(directory["root/etc/passwd"], "../../etc/passwd");
        using var root = RootDirectory.Open(directory["root"]);
        Assert.Throws<KernelException>(() => AccountFile.Read(root, "/etc/passwd"));
        Assert.Null(AccountFile.Read(root, "/etc/group"));
        File.WriteAllText(directory["root/etc/real"], "root:x:0:0::/:\n");
        Assert.Equal("root:x:0:0::/:\n"u8, AccountFile.Read(root, "etc/real")!);
    }

    [Fact]
    public void FifoDirectoryAndGiantAreRefused()
    {
        using var directory = new TestDirectory();
        using var root = RootDirectory.Open(directory.Path);
        using FileDescriptor parent = Syscalls.Open(directory.Path, OpenFlags.Path);
        Syscalls.MkNodAt(parent, "fifo", FileType.Fifo | 0x1a4, default);
        File.WriteAllBytes(directory["giant"], new byte[AccountFile.MaxBytes + 1]);
        File.WriteAllBytes(directory["large"], new byte[AccountFile.MaxBytes]);
        Directory.CreateDirectory(directory["folder"]);
        Assert.Throws<InvalidDataException>(() => AccountFile.Read(root, "fifo"));
        Assert.Throws<InvalidDataException>(() => AccountFile.Read(root, "giant"));
        Assert.Throws<InvalidDataException>(() => AccountFile.Read(root, "folder"));
        Assert.Equal(AccountFile.MaxBytes, AccountFile.Read(root, "large")!.Length);
    }
}
