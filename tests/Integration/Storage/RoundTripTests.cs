using System.Security.Cryptography;
using Sampan.Kernel;
using Sampan.Oci;
using Sampan.Storage.Layers;

namespace Sampan.Tests.Integration.Storage;

/// <summary>Random trees packed by GNU tar in its formats and unpacked by Sampan are what tar itself unpacks, in every attribute; and the other way round.</summary>
public sealed class RoundTripTests : IDisposable
{
    private readonly string _root;

    public RoundTripTests()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: makes devices and owners");
        _root = Directory.CreateTempSubdirectory("sampan-it-").FullName;
    }

    public void Dispose()
    {
        if (_root is not null)
            Directory.Delete(_root, recursive: true);
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}: {errors}");
    }

    private string Folder(string name) => Directory.CreateDirectory(Path.Combine(_root, name)).FullName;

    private static void Unpack(string archive, string directory, string? plain = null)
    {
        Digest diffId = Digest.FromHash(SHA256.HashData(File.ReadAllBytes(plain ?? archive)));
        Digest stored = Digest.FromHash(SHA256.HashData(File.ReadAllBytes(archive)));
        using FileDescriptor root = Syscalls.Open(directory, OpenFlags.Directory | OpenFlags.ReadOnly);
        using var unpacker = new LayerUnpacker(root);
        new LayerBlob(diffId, stored, new FileInfo(archive).Length, "the archive", () => File.OpenRead(archive)).Read(unpacker.Unpack);
        unpacker.Settle([]);
    }

    public static TheoryData<int, string, string> Cases()
    {
        string[][] formats = [["--format=pax", "none"], ["--format=gnu", "gzip"], ["--format=pax --sparse --sparse-version=0.0", "zstd"], ["--format=pax --sparse --sparse-version=0.1", "none"], ["--format=pax --sparse --sparse-version=1.0", "zstd"], ["--format=gnu --sparse", "gzip"]];
        TheoryData<int, string, string> cases = [];
        for (int seed = 0; seed < 12; seed++)
            cases.Add(seed, formats[seed % formats.Length][0], formats[seed % formats.Length][1]);
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_gnu_tar_packs_is_unpacked_as_tar_does(int seed, string format, string compression)
    {
        string tree = Path.Combine(_root, "tree"), plain = Path.Combine(_root, "a.tar"), archive = plain;
        new RandomTree(seed).Make(tree);
        string[] attributes = format.Contains("pax", StringComparison.Ordinal) ? ["--xattrs", "--xattrs-include=*"] : [];
        Run("tar", [.. format.Split(' '), .. attributes, "-C", tree, "-cf", plain, "."]);
        if (compression != "none")
        {
            archive = $"{plain}.{compression}";
            Run("sh", "-c", $"{compression} -c '{plain}' > '{archive}'");
        }
        string expected = Folder("expected"), own = Folder("own");
        Run("tar", [.. attributes, "--same-owner", "-p", "-C", expected, "-xf", plain]);
        Unpack(archive, own, plain);
        Assert.Equal(RandomTree.Describe(expected), RandomTree.Describe(own));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(101)]
    [InlineData(102)]
    public void What_sampan_packs_is_the_tree_again_by_tar_and_by_itself(int seed)
    {
        string tree = Path.Combine(_root, "tree"), archive = Path.Combine(_root, "a.tar");
        new RandomTree(seed).Make(tree);
        using (FileDescriptor root = Syscalls.Open(tree, OpenFlags.Directory | OpenFlags.ReadOnly))
        using (FileStream file = File.Create(archive))
            LayerArchive.Write(root, file);
        string byTar = Folder("by-tar"), own = Folder("own");
        Run("tar", "--xattrs", "--xattrs-include=*", "--same-owner", "-p", "-C", byTar, "-xf", archive);
        Unpack(archive, own);
        List<string> original = RandomTree.Describe(tree);
        Assert.Equal(original, RandomTree.Describe(byTar));
        Assert.Equal(original, RandomTree.Describe(own));
    }

    [Fact]
    public void Overlays_marks_become_whiteouts_and_marks_again()
    {
        string upper = Folder("upper"), lower = Folder("lower"), archive = Path.Combine(_root, "a.tar"), own = Folder("own");
        Directory.CreateDirectory(Path.Combine(lower, "d"));
        File.WriteAllText(Path.Combine(lower, "gone"), "");
        Directory.CreateDirectory(Path.Combine(upper, "d"));
        using (FileDescriptor root = Syscalls.Open(upper, OpenFlags.Directory | OpenFlags.ReadOnly))
        {
            Syscalls.MkNodAt(root, "gone", FileType.Character, default);
            using FileDescriptor opaque = Syscalls.OpenAt(root, "d", OpenFlags.Directory | OpenFlags.ReadOnly);
            Syscalls.FSetXAttr(opaque, OverlayAttributes.Opaque, "y"u8);
            using FileStream file = File.Create(archive);
            LayerArchive.Write(root, file);
        }
        using (FileDescriptor root = Syscalls.Open(own, OpenFlags.Directory | OpenFlags.ReadOnly))
        using (FileDescriptor below = Syscalls.Open(lower, OpenFlags.Directory | OpenFlags.ReadOnly))
        using (FileStream file = File.OpenRead(archive))
        using (var unpacker = new LayerUnpacker(root))
        {
            unpacker.Unpack(new Sampan.Storage.Archives.TarReader(file));
            unpacker.Settle([below]);
        }
        Assert.Equal(RandomTree.Describe(upper), RandomTree.Describe(own));
    }
}
