using Sampan.Kernel;
using Sampan.Storage;
using Sampan.Storage.Archives;
using Sampan.Storage.Layers;
using Sampan.Tests.Unit.Storage;

namespace Sampan.Tests.Integration.Storage;

/// <summary>What unpacking does to a real file system, and what hostile archives cannot make it do: a canary outside the layer stays as it was.</summary>
public sealed class LayerUnpackerTests : IDisposable
{
    private readonly string _root;
    private readonly string _lower;
    private readonly string _upper;
    private readonly string _canary;

    public LayerUnpackerTests()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: makes devices and trusted attributes");
        _root = Directory.CreateTempSubdirectory("sampan-it-").FullName;
        _lower = Directory.CreateDirectory(Path.Combine(_root, "lower")).FullName;
        _upper = Directory.CreateDirectory(Path.Combine(_root, "upper")).FullName;
        _canary = Path.Combine(_root, "canary");
        File.WriteAllText(_canary, "untouched");
    }

    public void Dispose()
    {
        Assert.Equal("untouched", File.ReadAllText(_canary));
        Assert.Equal(["canary", "lower", "upper"], Directory.GetFileSystemEntries(_root).Select(static path => Path.GetFileName(path)!).Order());
        Directory.Delete(_root, recursive: true);
    }

    private bool Unpack(TarBuilder archive)
    {
        using FileDescriptor root = Syscalls.Open(_upper, OpenFlags.Directory | OpenFlags.ReadOnly);
        using FileDescriptor lower = Syscalls.Open(_lower, OpenFlags.Directory | OpenFlags.ReadOnly);
        using var unpacker = new LayerUnpacker(root);
        unpacker.Unpack(new TarReader(archive.Finish()));
        unpacker.Settle([lower]);
        return unpacker.HidesLower;
    }

    private void Refused(TarBuilder archive) => Assert.Equal(StorageErrorKind.InvalidContent, Assert.Throws<StorageException>(() => Unpack(archive)).Kind);

    private FileStatus Status(string name)
    {
        using FileDescriptor root = Syscalls.Open(_upper, OpenFlags.Directory | OpenFlags.ReadOnly);
        return Syscalls.StatAt(root, name);
    }

    private bool IsWhiteout(string name) => Status(name) is { Type: FileType.Character, Device: { Major: 0, Minor: 0 } };

    private bool IsOpaque(string name)
    {
        using FileDescriptor directory = Syscalls.Open(Path.Combine(_upper, name), OpenFlags.Directory | OpenFlags.ReadOnly);
        return Syscalls.FGetXAttr(directory, "trusted.overlay.opaque") is [(byte)'y'];
    }

    [Fact]
    public void A_path_through_a_link_stays_inside_the_layer()
    {
        Refused(new TarBuilder().Add("out", '2', link: "/../../../../" + _root).Add("out/canary", content: "changed"u8.ToArray()));
        Refused(new TarBuilder().Add("up", '2', link: "..").Add("up/../canary", content: "changed"u8.ToArray()));
        Refused(new TarBuilder().Add("../canary", content: "changed"u8.ToArray()));
    }

    [Fact]
    public void A_file_never_goes_through_a_link_of_its_own_name()
    {
        Unpack(new TarBuilder().Add("f", '2', link: _canary).Add("f", content: "own"u8.ToArray()));
        Assert.True(Status("f").IsRegular);
    }

    [Fact]
    public void A_hard_link_reaches_nothing_outside()
    {
        Refused(new TarBuilder().Add("l", '1', link: _canary));
        Refused(new TarBuilder().Add("s", '2', link: _root).Add("l2", '1', link: "s/canary"));
    }

    [Fact]
    public void Owner_mode_time_attributes_and_capabilities_are_kept_and_overlays_own_are_dropped()
    {
        string capability = "\u0001\0\0\u0002\0\u0004\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
        Unpack(new TarBuilder()
            .AddPax(TarBuilder.Record("SCHILY.xattr.security.capability", capability) + TarBuilder.Record("SCHILY.xattr.user.overlay.redirect", "x")
                + TarBuilder.Record("SCHILY.xattr.trusted.overlay.redirect", "x") + TarBuilder.Record("mtime", "-5"))
            .Add("f", content: "x"u8.ToArray(), mode: 0x9ED, uid: "0001750"));
        FileStatus status = Status("f");
        Assert.Equal((0x9EDu, 1000u, -5L), (status.Mode & 0xFFF, status.Uid, status.ModificationSeconds));
        using FileDescriptor file = Syscalls.Open(Path.Combine(_upper, "f"), OpenFlags.ReadOnly);
        Assert.NotNull(Syscalls.FGetXAttr(file, "security.capability"));
        Assert.Null(Syscalls.FGetXAttr(file, "user.overlay.redirect"));
        Assert.Null(Syscalls.FGetXAttr(file, "trusted.overlay.redirect"));
    }

    [Fact]
    public void A_whiteout_hides_what_is_below_and_nothing_of_its_own_layer()
    {
        foreach (string name in (string[])["gone", "kept", "later", "d/x", "e/x"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_lower, name))!);
            File.WriteAllText(Path.Combine(_lower, name), "");
        }
        Unpack(new TarBuilder()
            .Add(".wh.gone").Add("kept", content: "new"u8.ToArray()).Add(".wh.kept").Add(".wh.later").Add("later", content: "new"u8.ToArray())
            .Add(".wh.nothing").Add(".wh.d").Add("d/", '5').Add("e/", '5').Add("e/own").Add("e/.wh..wh..opq"));
        Assert.True(IsWhiteout("gone"));
        Assert.True(Status("kept").IsRegular);
        Assert.True(Status("later").IsRegular);
        Assert.False(Path.Exists(Path.Combine(_upper, "nothing")));
        Assert.True(IsOpaque("d"));
        Assert.True(IsOpaque("e"));
        Assert.True(Status("e/own").IsRegular);
    }

    [Fact]
    public void A_directory_that_is_only_implied_looks_like_the_lower_one()
    {
        string directory = Directory.CreateDirectory(Path.Combine(_lower, "p")).FullName;
        File.SetUnixFileMode(directory, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Unpack(new TarBuilder().Add("p/q/f"));
        Assert.Equal(0x140u, Status("p").Mode & 0xFFF);
        Assert.Equal(0x1EDu, Status("p/q").Mode & 0xFFF);
    }

    [Fact]
    public void An_opaque_mark_at_the_root_counts() => Assert.True(Unpack(new TarBuilder().Add(".wh..wh..opq")));

    [Fact]
    public void More_members_than_the_limit_are_refused()
    {
        using FileDescriptor root = Syscalls.Open(_upper, OpenFlags.Directory | OpenFlags.ReadOnly);
        using var unpacker = new LayerUnpacker(root, new LayerLimits(long.MaxValue, 2));
        Assert.Contains("more than 2", Assert.Throws<StorageException>(() => unpacker.Unpack(new TarReader(new TarBuilder().Add("a").Add("b").Add("c").Finish()))).Message);
    }

    [Fact]
    public void A_whiteout_that_names_a_parent_is_refused()
    {
        Refused(new TarBuilder().Add("d/.wh..."));
        Refused(new TarBuilder().Add("d/.wh.."));
        Refused(new TarBuilder().Add("d/.wh."));
    }

    [Fact]
    public void A_device_that_would_be_a_whiteout_is_refused() => Refused(new TarBuilder().Add("c", '3'));

    [Fact]
    public void A_tree_deeper_than_descriptors_is_removed()
    {
        using FileDescriptor root = Syscalls.Open(_upper, OpenFlags.Directory | OpenFlags.ReadOnly);
        FileDescriptor current = root.Duplicate();
        for (int i = 0; i < 3000; i++)
        {
            Syscalls.MkDirAt(current, "d", 0x1C0);
            FileDescriptor next = Syscalls.OpenAt(current, "d", OpenFlags.Directory | OpenFlags.ReadOnly);
            current.Dispose();
            current = next;
        }
        current.Dispose();
        DirectoryTree.Remove(root, "d");
        Assert.Empty(Directory.GetFileSystemEntries(_upper));
    }
}
