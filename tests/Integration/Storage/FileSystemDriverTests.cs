using Sampan.Kernel;
using Sampan.Storage;
using Sampan.Storage.FileSystems;
using Sampan.Storage.Layers;

namespace Sampan.Tests.Integration.Storage;

/// <summary>What every driver must do, written once: layers in their order, whiteouts, opaque directories, metadata, changes that stay.</summary>
public sealed class FileSystemDriverTests : IDisposable
{
    private readonly string _root;
    private readonly List<(IFileSystemDriver Driver, string Directory)> _mounted = [];

    public FileSystemDriverTests()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: mounts");
        _root = Directory.CreateTempSubdirectory("sampan-it-").FullName;
    }

    public static TheoryData<string> Drivers() => ["overlay", "overlay by mount(2)", "copy"];

    public void Dispose()
    {
        foreach ((IFileSystemDriver driver, string directory) in _mounted)
            driver.Unmount(directory);
        if (_root is not null)
            Directory.Delete(_root, recursive: true);
    }

    private static IFileSystemDriver Driver(string name) => name switch
    {
        "overlay" => new OverlayDriver(),
        "overlay by mount(2)" => new OverlayDriver(assumeOldKernel: true),
        _ => new CopyDriver(),
    };

    private string Mount(IFileSystemDriver driver, params string[] layers)
    {
        string directory = Directory.CreateDirectory(Path.Combine(_root, "container")).FullName;
        _mounted.Add((driver, directory));
        return driver.Mount(directory, layers);
    }

    private string Layer(string name, params (string Path, string Content)[] files)
    {
        string layer = Directory.CreateDirectory(Path.Combine(_root, name)).FullName;
        foreach ((string path, string content) in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(layer, path))!);
            File.WriteAllText(Path.Combine(layer, path), content);
        }
        return layer;
    }

    [Theory]
    [MemberData(nameof(Drivers))]
    public void The_upper_layer_wins_whiteouts_hide_and_opaque_directories_empty(string name)
    {
        string lower = Layer("lower", ("both", "lower"), ("lower-only", "lower"), ("gone", "x"), ("d/old", "x"), ("e/f", "x"), ("was-directory/x", "x"));
        string upper = Layer("upper", ("both", "upper"), ("d/new", "y"), ("was-directory", "file"));
        using (FileDescriptor directory = Syscalls.Open(upper, OpenFlags.Directory | OpenFlags.ReadOnly))
        {
            Syscalls.MkNodAt(directory, "gone", FileType.Character, default);
            using FileDescriptor opaque = Syscalls.OpenAt(directory, "d", OpenFlags.Directory | OpenFlags.ReadOnly);
            Syscalls.FSetXAttr(opaque, OverlayAttributes.Opaque, "y"u8);
        }
        string merged = Mount(Driver(name), upper, lower);
        Assert.Equal("upper", File.ReadAllText(Path.Combine(merged, "both")));
        Assert.Equal("lower", File.ReadAllText(Path.Combine(merged, "lower-only")));
        Assert.Equal("file", File.ReadAllText(Path.Combine(merged, "was-directory")));
        Assert.Equal(["both", "d", "e", "lower-only", "was-directory"], Directory.GetFileSystemEntries(merged).Select(static path => Path.GetFileName(path)!).Order());
        Assert.Equal(["new"], Directory.GetFiles(Path.Combine(merged, "d")).Select(static path => Path.GetFileName(path)!));
    }

    [Theory]
    [MemberData(nameof(Drivers))]
    public void Changes_stay_over_an_unmount_and_never_reach_a_layer(string name)
    {
        string layer = Layer("layer", ("f", "image"), ("g", "image"));
        IFileSystemDriver driver = Driver(name);
        string merged = Mount(driver, layer);
        File.WriteAllText(Path.Combine(merged, "f"), "changed");
        File.Delete(Path.Combine(merged, "g"));
        driver.Unmount(Path.Combine(_root, "container"));
        merged = Mount(driver, layer);
        Assert.Equal("changed", File.ReadAllText(Path.Combine(merged, "f")));
        Assert.False(File.Exists(Path.Combine(merged, "g")));
        Assert.Equal("image", File.ReadAllText(Path.Combine(layer, "f")));
        Assert.True(File.Exists(Path.Combine(layer, "g")));
    }

    [Theory]
    [MemberData(nameof(Drivers))]
    public void Owner_mode_time_attributes_links_and_devices_are_the_layers(string name)
    {
        string layer = Layer("layer", ("d/f", "x"));
        using (FileDescriptor directory = Syscalls.Open(layer, OpenFlags.Directory | OpenFlags.ReadOnly))
        {
            using FileDescriptor file = Syscalls.OpenAt(directory, "d/f", OpenFlags.ReadOnly);
            Syscalls.FChOwn(file, 3_000_000_000, 7);
            Syscalls.FChMod(file, 0x9ED);
            Syscalls.FSetXAttr(file, "user.test", "v"u8);
            Syscalls.UTimeNsAt(directory, "d/f", (5, 0), (-7, 123_456_789));
            Syscalls.LinkAt(directory, "d/f", directory, "hard");
            Syscalls.SymlinkAt("/nowhere", directory, "soft");
            Syscalls.MkNodAt(directory, "null", FileType.Character | 0x1B6, new DeviceNumber(1, 3));
            Syscalls.FChMod(directory, 0x1E8);
        }
        string merged = Mount(Driver(name), layer);
        using FileDescriptor root = Syscalls.Open(merged, OpenFlags.Directory | OpenFlags.ReadOnly);
        FileStatus status = Syscalls.StatAt(root, "d/f");
        Assert.Equal((3_000_000_000u, 7u, 0x9EDu, 2u), (status.Uid, status.Gid, status.Mode & 0xFFF, status.Links));
        Assert.Equal((-7L, 123_456_789u), (status.ModificationSeconds, status.ModificationNanoseconds));
        Assert.Equal(status.Inode, Syscalls.StatAt(root, "hard").Inode);
        Assert.Equal("/nowhere", Syscalls.ReadLinkAt(root, "soft"));
        Assert.Equal(new DeviceNumber(1, 3), Syscalls.StatAt(root, "null").Device);
        Assert.Equal(0x1E8u, Syscalls.Stat(root).Mode & 0xFFF);
        using FileDescriptor opened = Syscalls.OpenAt(root, "d/f", OpenFlags.ReadOnly);
        Assert.Equal("v"u8.ToArray(), Syscalls.FGetXAttr(opened, "user.test")!);
    }

    [Theory]
    [MemberData(nameof(Drivers))]
    public void A_hundred_and_fifty_layers_below_a_long_path_are_one_file_system(string name)
    {
        string deep = string.Join('/', Enumerable.Repeat(new string('p', 60), 5));
        string[] layers = [.. Enumerable.Range(0, 150).Select(i => Layer($"{deep}/{i}", ($"own-{i}", "x"), ("common", i.ToString(null, null))))];
        string merged = Mount(Driver(name), layers);
        Assert.Equal(151, Directory.GetFiles(merged).Length);
        Assert.Equal("0", File.ReadAllText(Path.Combine(merged, "common")));
    }

    [Fact]
    public void A_root_on_another_overlay_is_refused_with_the_way_out()
    {
        string layer = Layer("layer", ("f", "x"));
        string merged = Mount(new OverlayDriver(), layer);
        string inner = Directory.CreateDirectory(Path.Combine(merged, "inner")).FullName;
        Assert.Contains("SAMPAN_STORAGE_DRIVER=copy", Assert.Throws<StorageException>(() => new OverlayDriver().Mount(inner, [layer])).Message);
        Assert.Equal("x", File.ReadAllText(Path.Combine(new CopyDriver().Mount(Directory.CreateDirectory(Path.Combine(merged, "other")).FullName, [layer]), "f")));
    }
}
