using Sampan.Kernel;

namespace Sampan.Tests.Integration.Kernel;

public sealed class MountTests
{
    /// <summary>A tmpfs of the test's own at a fresh place, in a mount namespace of its own.</summary>
    private static void InTmpfs(Action<string> body)
    {
        string place = Directory.CreateTempSubdirectory("sampan-test-").FullName;
        try
        {
            OwnNamespaces.Run(NamespaceFlags.Mount, () =>
            {
                Syscalls.Mount("sampan-test", place, "tmpfs", MountFlags.NoSuid | MountFlags.NoDev, "size=1m");
                body(place);
            });
        }
        finally
        {
            Directory.Delete(place);
        }
    }

    private static MountInfo At(string place) => MountInfo.Read().Last(m => m.MountPoint == place);

    [Fact]
    public void TmpfsIsMountedRemountedAndUnmounted() => InTmpfs(place =>
    {
        MountInfo mount = At(place);
        Assert.Equal(("tmpfs", "sampan-test"), (mount.FileSystemType, mount.Source));
        Assert.Contains("nosuid", mount.Options, StringComparison.Ordinal);
        Syscalls.Mount(null, place, null, MountFlags.Remount | MountFlags.Bind | MountFlags.ReadOnly);
        Assert.Throws<IOException>(() => File.WriteAllText(place + "/x", ""));
        Syscalls.Umount2(place, UnmountFlags.Detach);
        Assert.DoesNotContain(MountInfo.Read(), m => m.MountPoint == place);
        Assert.Equal(Errno.EINVAL, Syscalls.TryUmount2(place));
    });

    [Fact]
    public void MountPointWithBlanksIsReadBackAsItIs() => InTmpfs(place =>
    {
        string odd = place + "/a b\tc\\d\ne";
        Directory.CreateDirectory(odd);
        Syscalls.Mount(place, odd, null, MountFlags.Bind);
        Assert.Equal("/", At(odd).Root);
    });

    [Fact]
    public void NewMountCallsMakeMoveAndChangeAMount() => InTmpfs(place =>
    {
        Directory.CreateDirectory(place + "/target");
        using FileDescriptor context = Syscalls.FsOpen("tmpfs");
        Syscalls.FsConfigSetString(context, "size", "64k");
        Syscalls.FsConfigSetString(context, "source", "sampan-new");
        Syscalls.FsConfigCreate(context);
        using FileDescriptor mount = Syscalls.FsMount(context, MountAttributes.NoSuid | MountAttributes.NoExec);
        using (FileDescriptor file = Syscalls.OpenAt(mount, "before", OpenFlags.WriteOnly | OpenFlags.Create, 0x180))
            Syscalls.WriteAll(file, "x"u8);
        using FileDescriptor target = Syscalls.Open(place + "/target", OpenFlags.Path | OpenFlags.Directory);
        Syscalls.MoveMount(mount, target);
        Assert.True(File.Exists(place + "/target/before"));
        Assert.Contains("noexec", At(place + "/target").Options, StringComparison.Ordinal);

        Syscalls.MountSetAttr(mount, "", recursive: true, MountAttributes.ReadOnly, MountAttributes.NoExec, MountFlags.Shared);
        MountInfo changed = At(place + "/target");
        Assert.StartsWith("ro,", changed.Options, StringComparison.Ordinal);
        Assert.DoesNotContain("noexec", changed.Options, StringComparison.Ordinal);
        Assert.NotEqual(0, changed.PeerGroup);
        Syscalls.MountSetAttr(mount, "", recursive: false, MountAttributes.None, MountAttributes.ReadOnly, MountFlags.Private);

        using FileDescriptor again = Syscalls.FsPick(mount, "", FsPickFlags.EmptyPath);
        Syscalls.FsConfigSetString(again, "size", "128k");
        Syscalls.FsConfigReconfigure(again);
        Assert.Contains("size=128k", At(place + "/target").SuperOptions, StringComparison.Ordinal);
    });

    [Fact]
    public void TreeIsClonedDetached() => InTmpfs(place =>
    {
        Directory.CreateDirectory(place + "/from/below");
        Directory.CreateDirectory(place + "/to");
        Syscalls.Mount("sampan-below", place + "/from/below", "tmpfs", MountFlags.None);
        using FileDescriptor tree = Syscalls.OpenTree(Syscalls.WorkingDirectory, place + "/from", OpenTreeFlags.Clone | OpenTreeFlags.Recursive);
        Assert.DoesNotContain(MountInfo.Read(), m => m.MountPoint.StartsWith(place + "/to", StringComparison.Ordinal));
        Syscalls.MountSetAttr(tree, "", recursive: true, MountAttributes.ReadOnly);
        Syscalls.MoveMount(tree, "", Syscalls.WorkingDirectory, place + "/to", MoveMountFlags.FromEmptyPath);
        Assert.StartsWith("ro", At(place + "/to/below").Options, StringComparison.Ordinal);
        Assert.StartsWith("rw", At(place + "/from/below").Options, StringComparison.Ordinal);
    });

    [Fact]
    public void ContextsLogIsPartOfTheError()
    {
        Assert.SkipUnless(Syscalls.GetEuid() == 0, "needs root to open file system contexts");
        using FileDescriptor context = Syscalls.FsOpen("tmpfs");
        KernelException error = Assert.Throws<KernelException>(() => Syscalls.FsConfigSetString(context, "sampanbogus", "1"));
        Assert.Equal(Errno.EINVAL, error.Errno);
        Assert.Contains("sampanbogus", error.Detail, StringComparison.Ordinal);
        Assert.EndsWith(error.Detail!, error.Message, StringComparison.Ordinal);
        Assert.Equal("", Syscalls.FsContextLog(context));
        Assert.Equal(Errno.ENODEV, Syscalls.TryFsOpen("sampanfs", out _));
    }

    [Fact]
    public void RootIsPivotedAndTheOldOneLeft()
    {
        List<string> seen = [];
        InTmpfs(place =>
        {
            // In the new root .NET finds none of its own files: whatever the thread needs there must have been loaded before.
            Directory.CreateDirectory(place + "/rehearsal");
            _ = NamesAfterMaking(place + "/rehearsal");
            Syscalls.UnlinkAt(Syscalls.WorkingDirectory, place + "/rehearsal/only", removeDirectory: true);
            Syscalls.UnlinkAt(Syscalls.WorkingDirectory, place + "/rehearsal", removeDirectory: true);
            _ = Syscalls.TryUmount2(place + "/rehearsal", UnmountFlags.Detach);
            Syscalls.ChDir(place);
            Syscalls.PivotRoot(".", ".");
            Syscalls.Umount2(".", UnmountFlags.Detach);
            seen = NamesAfterMaking("/");
        });
        Assert.Equal(["only"], seen);
    }

    private static List<string> NamesAfterMaking(string place)
    {
        Syscalls.ChDir(place);
        Syscalls.MkDirAt(Syscalls.WorkingDirectory, "only", 0x1ed);
        using FileDescriptor root = Syscalls.Open(place, OpenFlags.ReadOnly | OpenFlags.Directory);
        return Syscalls.ReadDirectory(root);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void RemovalStopsAtAMountPoint(bool assumeNoOpenAt2) => InTmpfs(place =>
    {
        Directory.CreateDirectory(place + "/tree/mounted");
        Syscalls.Mount("sampan-below", place + "/tree/mounted", "tmpfs", MountFlags.None);
        File.WriteAllText(place + "/tree/mounted/kept", "");
        using var root = new RootDirectory(Syscalls.Open(place, OpenFlags.Path), assumeNoOpenAt2);
        Assert.Equal(Errno.EBUSY, Assert.Throws<KernelException>(() => root.RemoveAll("tree")).Errno);
        Assert.True(File.Exists(place + "/tree/mounted/kept"));
    });
}
