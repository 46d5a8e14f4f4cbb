using System.Diagnostics;
using System.Formats.Tar;
using Sampan.Tests.Integration.Engine;

namespace Sampan.Tests.Integration.Images;

/// <summary><c>save</c> and <c>load</c>: every form there and back, several images in one archive, pipes, compressed archives, and archives that are damaged or hostile.</summary>
public sealed class SaveLoadTests
{
    [Theory]
    [InlineData("docker-archive", "none")]
    [InlineData("docker-archive", "gzip")]
    [InlineData("docker-archive", "zstd")]
    [InlineData("oci-archive", "none")]
    [InlineData("oci-archive", "zstd")]
    [InlineData("oci-dir", "none")]
    public void Several_images_go_there_and_back_with_their_names_and_digests(string format, string compression)
    {
        using SampanCommand first = WithTwoImages(out string[] ids), second = new();
        string path = Path.Combine(first.Root, "saved");
        first.Must("save", "--format", format, "--compression", compression, "-o", path, "sampan.test/first:1", "second", $"sha256:{ids[0]}");
        string told = second.Must("load", "-i", path);
        Assert.Equal(["Loaded image: sampan.test/first:1", "Loaded image: second:latest"], told.Split('\n').Order(StringComparer.Ordinal));
        Assert.Equal(first.Must("images", "--no-trunc"), second.Must("images", "--no-trunc"));
        Assert.Equal("one", second.Must("run", "--rm", "--pull", "never", "sampan.test/first:1", "cat", "/first"));
        Assert.Equal("two", second.Must("run", "--rm", "--pull", "never", "second", "cat", "/second"));
    }

    [Fact]
    public void An_image_named_by_its_id_is_saved_without_a_name()
    {
        using SampanCommand first = WithTwoImages(out string[] ids), second = new();
        string path = Path.Combine(first.Root, "saved");
        first.Must("save", "-o", path, ids[0][..12]);
        Assert.Equal($"Loaded image ID: sha256:{ids[0]}", second.Must("load", "-i", path));
        Assert.Equal(ids[0][..12], second.Must("images", "-q", "--filter", "dangling=true"));
    }

    [Fact]
    public void A_name_without_a_tag_saves_all_tags_of_its_repository()
    {
        using SampanCommand first = WithTwoImages(out _), second = new();
        first.Must("tag", "second", "sampan.test/first:2");
        string path = Path.Combine(first.Root, "saved");
        first.Must("save", "-o", path, "sampan.test/first");
        Assert.Equal(["Loaded image: sampan.test/first:1", "Loaded image: sampan.test/first:2"], second.Must("load", "-i", path).Split('\n').Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("none")]
    [InlineData("zstd")]
    public void Images_go_through_a_pipe(string compression)
    {
        using SampanCommand first = WithTwoImages(out _), second = new();
        string line = $"'{SampanCommand.Program}' --root '{first.Root}' save --compression {compression} second | cat | '{SampanCommand.Program}' --root '{second.Root}' load -q";
        using Process shell = Process.Start(new ProcessStartInfo("sh", ["-c", line]) { RedirectStandardOutput = true })!;
        Assert.Equal("Loaded image: second:latest\n", shell.StandardOutput.ReadToEnd());
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(second.Root, "tmp")));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("700")]
    [InlineData("70000")]
    [InlineData("600000")]
    public void An_archive_that_is_cut_off_ends_in_one_sentence_and_leaves_nothing(string length)
    {
        using SampanCommand first = WithTwoImages(out _), second = new();
        string path = Path.Combine(first.Root, "saved");
        first.Must("save", "-o", path, "second");
        using (FileStream file = File.OpenWrite(path))
            file.SetLength(long.Parse(length, System.Globalization.CultureInfo.InvariantCulture));
        CommandResult result = second.Run("load", "-i", path);
        Assert.Equal(1, result.ExitCode);
        _ = Assert.Single(result.Error.Trim().Split('\n'));
        Assert.Equal("", second.Must("images", "-q"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(second.Root, "tmp")));
    }

    [Fact]
    public void A_blob_that_was_exchanged_is_found_by_its_digest_and_nothing_of_the_image_is_kept()
    {
        using SampanCommand first = WithTwoImages(out _), second = new();
        string path = Path.Combine(first.Root, "layout");
        first.Must("save", "--format", "oci-dir", "-o", path, "second");
        string layer = new DirectoryInfo(Path.Combine(path, "blobs/sha256")).EnumerateFiles().MaxBy(static file => file.Length)!.FullName;
        using (FileStream file = File.OpenWrite(layer))
        {
            file.Position = file.Length / 2;
            file.WriteByte(0xA5);
            file.WriteByte(0x5A);
        }
        CommandResult result = second.Run("load", "-i", path);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("digest", result.Error, StringComparison.Ordinal);
        Assert.Equal("", second.Must("images", "-q"));
        second.Must("image", "prune", "-f");
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(second.Root, "content/blobs/sha256")));
    }

    [Theory]
    [InlineData("../../../escaped", null)]
    [InlineData("link/escaped", "/")]
    [InlineData("/escaped", null)]
    public void A_hostile_layer_writes_nothing_outside(string name, string? link)
    {
        using var sampan = new SampanCommand();
        string archive = Path.Combine(sampan.Root, "hostile.tar"), mark = $"sampan-{Guid.NewGuid():N}";
        _ = TestImage.OfBusybox().Layer(tar =>
        {
            if (link is not null)
                tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "link") { LinkName = link });
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name.Replace("escaped", mark, StringComparison.Ordinal)) { DataStream = new MemoryStream([1]) });
        }).Save(archive, "sampan.test/hostile:1");
        _ = sampan.Run("load", "-i", archive); // refused, or held inside: both are right
        Assert.False(File.Exists($"/{mark}"));
        foreach (string place in (string[])[sampan.Root, Path.Combine(sampan.Root, "layers"), Path.GetDirectoryName(sampan.Root)!])
            Assert.False(File.Exists(Path.Combine(place, mark)));
    }

    [Fact]
    public void What_cannot_be_saved_is_refused_and_a_file_that_was_there_stays()
    {
        using SampanCommand sampan = WithTwoImages(out _);
        string path = Path.Combine(sampan.Root, "kept");
        File.WriteAllText(path, "before");
        Assert.Equal(1, sampan.Run("save", "-o", path, "nosuch").ExitCode);
        Assert.Equal(125, sampan.Run("save", "-o", path, "--format", "docker-dir", "second").ExitCode);
        Assert.Equal(125, sampan.Run("save", "--format", "oci-dir", "second").ExitCode);
        Assert.Contains("is a file", sampan.Run("save", "--format", "oci-dir", "-o", path, "second").Error, StringComparison.Ordinal);
        Assert.Contains("not empty", sampan.Run("save", "--format", "oci-dir", "-o", sampan.Root, "second").Error, StringComparison.Ordinal);
        Assert.Equal("before", File.ReadAllText(path));
        Assert.Equal(1, sampan.Run("save", "-o", "/dev/full", "second").ExitCode);
        Assert.Single(Directory.EnumerateFiles(sampan.Root, "kept*"));
    }

    private static SampanCommand WithTwoImages(out string[] ids)
    {
        var sampan = new SampanCommand();
        TestImage common = TestImage.OfBusybox();
        string archive = Path.Combine(sampan.Root, "image.tar");
        string first = common.Fork().WithFile("first", "one"u8.ToArray()).Save(archive, "sampan.test/first:1");
        sampan.Must("load", "-i", archive);
        string second = common.Fork().WithFile("second", "two"u8.ToArray()).Save(archive, "second:latest");
        sampan.Must("load", "-i", archive);
        File.Delete(archive);
        ids = [first, second];
        return sampan;
    }
}
