using Sampan.Oci;

namespace Sampan.Tests.Unit.Oci;

/// <summary>Which image of an index a machine gets: the cases of containerd's platforms/compare_test.go and what follows from its rules.</summary>
public sealed class PlatformChoiceTests
{
    [Theory]
    [InlineData("linux/amd64", "linux/amd64", 0)]
    [InlineData("linux/amd64", "linux/amd64/v1", 0)]
    [InlineData("amd64", "linux/x86_64", 0)]
    [InlineData("linux/amd64", "linux/amd64/v2", -1)]
    [InlineData("linux/amd64/v3", "linux/amd64/v3", 0)]
    [InlineData("linux/amd64/v3", "linux/amd64/v2", 1)]
    [InlineData("linux/amd64/v3", "linux/amd64", 2)]
    [InlineData("linux/amd64/v3", "linux/amd64/v4", -1)]
    [InlineData("linux/amd64", "linux/386", -1)]
    [InlineData("linux/amd64", "windows/amd64", -1)]
    [InlineData("linux/arm", "linux/arm/v7", 0)]
    [InlineData("linux/arm/v7", "linux/arm/v6", 1)]
    [InlineData("linux/arm/v7", "linux/arm/v5", 2)]
    [InlineData("linux/arm/v6", "linux/arm/v7", -1)]
    [InlineData("linux/arm64", "linux/arm64/v8", 0)]
    [InlineData("linux/arm64", "linux/arm/v8", 1)]
    [InlineData("linux/arm64", "linux/arm/v7", 2)]
    [InlineData("linux/aarch64/v9", "linux/arm64", 1)]
    [InlineData("linux/armhf", "linux/arm/v7", 0)]
    [InlineData("linux/s390x", "linux/s390x", 0)]
    [InlineData("linux/amd64", "unknown/unknown", -1)]
    public void A_machine_runs_what_is_no_newer(string machine, string image, int distance)
    {
        string[] parts = image.Split('/');
        Assert.Equal(distance, PlatformChoice.Parse(machine).Distance(new Platform { Os = parts[0], Architecture = parts[1], Variant = parts.ElementAtOrDefault(2) }));
    }

    [Fact]
    public void The_nearest_of_an_index_wins_and_an_attestation_never_does()
    {
        ImageIndex index = new() { Manifests = [Entry("unknown", "unknown", null, 1), Entry("linux", "arm", "v5", 2), Entry("linux", "arm", "v6", 3), Entry("linux", "arm", "v7", 4)] };
        Assert.Equal(4, PlatformChoice.Parse("linux/arm/v7").Best(index)!.Size);
        Assert.Equal(3, PlatformChoice.Parse("linux/arm/v6").Best(index)!.Size);
        Assert.Null(PlatformChoice.Parse("linux/amd64").Best(index));
        index.Manifests.Add(new Descriptor { Size = 9 });
        Assert.Equal(9, PlatformChoice.Parse("linux/amd64").Best(index)!.Size);
    }

    [Theory]
    [InlineData("")]
    [InlineData("linux/")]
    [InlineData("linux/arm/v7/x")]
    [InlineData("linux/a b")]
    public void What_is_no_platform_is_refused(string text) => Assert.Throws<FormatException>(() => PlatformChoice.Parse(text));

    [Fact]
    public void The_host_runs_its_own_plain_images() =>
        Assert.True(PlatformChoice.Host.Distance(new Platform { Os = "linux", Architecture = PlatformChoice.Host.Wanted.Architecture }) >= 0);

    private static Descriptor Entry(string os, string architecture, string? variant, long size) =>
        new() { Size = size, Platform = new Platform { Os = os, Architecture = architecture, Variant = variant } };
}
