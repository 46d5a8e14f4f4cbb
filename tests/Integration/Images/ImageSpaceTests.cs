using System.Diagnostics;
using System.Security.Cryptography;
using Sampan.Tests.Integration.Engine;

namespace Sampan.Tests.Integration.Images;

/// <summary>What images and containers share on the disk, and what removing them gives back: measured by du, as a user would.</summary>
public sealed class ImageSpaceTests
{
    private const int Megabyte = 1 << 20;

    [Fact]
    public void Two_images_with_the_same_base_take_its_space_once()
    {
        using var sampan = new SampanCommand();
        TestImage common = TestImage.OfBusybox().WithFile("base", Random(20));
        string archive = Path.Combine(sampan.Root, "image.tar");
        _ = common.Fork().WithFile("first", Random(3)).Save(archive, "sampan.test/first:1");
        sampan.Must("run", "--rm", $"docker-archive:{archive}", "true");
        long one = Used(sampan.Root, "layers"), content = Used(sampan.Root, "content");
        _ = common.Fork().WithFile("second", Random(3)).Save(archive, "sampan.test/second:1");
        sampan.Must("run", "--rm", $"docker-archive:{archive}", "true");
        Assert.InRange(Used(sampan.Root, "layers") - one, 3 * Megabyte, 4 * Megabyte);
        Assert.InRange(Used(sampan.Root, "content") - content, 3 * Megabyte, 4 * Megabyte);
    }

    [Fact]
    public void Fifty_containers_of_one_image_take_the_space_of_what_they_changed()
    {
        using var sampan = new SampanCommand();
        string archive = Path.Combine(sampan.Root, "image.tar");
        _ = TestImage.OfBusybox().WithFile("base", Random(20)).Save(archive, "sampan.test/fifty:1");
        sampan.Must("run", "--rm", $"docker-archive:{archive}", "true");
        long before = Used(sampan.Root, "");
        for (int i = 0; i < 50; i++)
            sampan.Must("run", $"docker-archive:{archive}", "dd", "if=/dev/urandom", "of=/own", "bs=65536", "count=1");
        Assert.InRange(Used(sampan.Root, "") - before, 50 * 64 * 1024, 50 * 160 * 1024);
        Assert.Equal(50, sampan.Must("ps", "-aq").Split('\n').Length);
        string report = sampan.Must("system", "df");
        Assert.Matches(@"Images +1 +1 +", report);
        Assert.Matches(@"Containers +50 +0 +", report);
        string pruned = sampan.Must("system", "prune", "--force", "--all");
        Assert.Contains("Deleted Containers:", pruned, StringComparison.Ordinal);
        Assert.InRange(Used(sampan.Root, "layers") + Used(sampan.Root, "containers") + Used(sampan.Root, "content/blobs"), 0, 256 * 1024);
    }

    [Fact]
    public void What_a_container_or_another_image_needs_stays_when_an_image_is_removed()
    {
        using var sampan = new SampanCommand();
        TestImage common = TestImage.OfBusybox().WithFile("base", Random(1));
        string archive = Path.Combine(sampan.Root, "image.tar");
        string first = common.Fork().WithFile("first", [1]).Save(archive, "sampan.test/first:1");
        sampan.Must("run", "--name", "user", $"docker-archive:{archive}", "true");
        string second = common.Fork().WithFile("second", [2]).Save(archive, "sampan.test/second:1");
        sampan.Must("run", "--rm", $"docker-archive:{archive}", "true");

        CommandResult refused = sampan.Run("rmi", "sampan.test/first:1");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("a container uses it", refused.Error, StringComparison.Ordinal);
        Assert.Equal("Untagged: sampan.test/first:1", sampan.Must("rmi", "--force", "sampan.test/first:1"));
        Assert.Contains($"Deleted: sha256:{second}", sampan.Must("rmi", "sampan.test/second:1"), StringComparison.Ordinal);
        // The first image is nameless, its container starts again, and prune leaves it alone.
        Assert.Equal(first[..12], sampan.Must("images", "-q"));
        sampan.Must("image", "prune", "--force", "--all");
        sampan.Must("start", "user");
        sampan.Must("wait", "user");
        sampan.Must("rm", "user");
        sampan.Must("image", "prune", "--force");
        Assert.Equal("", sampan.Must("images", "-q"));
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(sampan.Root, "layers")));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(sampan.Root, "content/blobs/sha256")));
    }

    [Fact]
    public void Names_digits_and_filters_find_images_as_dockers_do()
    {
        using var sampan = new SampanCommand();
        string archive = Path.Combine(sampan.Root, "image.tar");
        string id = TestImage.OfBusybox().Save(archive, "sampan.test/names:1");
        sampan.Must("run", "--rm", $"docker-archive:{archive}", "true");
        sampan.Must("tag", id[..6], "example.test/a/b:1");
        sampan.Must("tag", $"sha256:{id}", "short");
        Assert.Equal("here", sampan.Must("run", "--rm", "--pull", "never", "short", "echo", "here"));
        Assert.Equal("here", sampan.Must("run", "--rm", "--pull", "never", "docker.io/library/short:latest", "echo", "here"));
        Assert.Equal("here", sampan.Must("run", "--rm", "--pull", "never", id[..8], "echo", "here"));
        Assert.Equal(id[..12], sampan.Must("images", "-q", "example.test/a/b"));
        Assert.Equal(id[..12], sampan.Must("images", "-q", "--filter", "reference=example.test/*/b:1"));
        Assert.Equal(id[..12], sampan.Must("images", "-q", "--filter", "label=test=yes"));
        Assert.Equal("", sampan.Must("images", "-q", "--filter", "label=test=no"));
        Assert.Equal("", sampan.Must("images", "-q", "--filter", "dangling=true"));
        CommandResult several = sampan.Run("rmi", id[..12]);
        Assert.Equal(1, several.ExitCode);
        Assert.Contains("several names", several.Error, StringComparison.Ordinal);
        Assert.Equal(1, sampan.Run("rmi", "nosuch").ExitCode);
        Assert.Equal(0, sampan.Run("rmi", "-f", "nosuch").ExitCode);
        Assert.Contains($"Deleted: sha256:{id}", sampan.Must("rmi", "-f", id[..12]), StringComparison.Ordinal);
        Assert.Equal("", sampan.Must("images", "-q"));
    }

    private static byte[] Random(int megabytes) => RandomNumberGenerator.GetBytes(megabytes * Megabyte);

    private static long Used(string root, string part)
    {
        using Process du = Process.Start(new ProcessStartInfo("du", ["-s", "--block-size=1", Path.Combine(root, part)]) { RedirectStandardOutput = true })!;
        string output = du.StandardOutput.ReadToEnd();
        du.WaitForExit();
        return long.Parse(output.Split('\t')[0], System.Globalization.CultureInfo.InvariantCulture);
    }
}
