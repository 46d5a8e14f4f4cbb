using System.Security.Cryptography;
using System.Text;
using Sampan.Images.Archives;
using Sampan.Oci;
using Sampan.Storage;
using Sampan.Storage.Content;
using Sampan.Storage.Layers;

namespace Sampan.Tests.Unit.Images;

public sealed class ImageLocationTests
{
    [Theory]
    [InlineData("oci:/a/b", ImageTransport.OciLayout, "/a/b", null)]
    [InlineData("oci:/a/b:v1", ImageTransport.OciLayout, "/a/b", "v1")]
    [InlineData("oci:/a:b/c", ImageTransport.OciLayout, "/a:b/c", null)]
    [InlineData("oci-archive:/d/x.tar:v1", ImageTransport.OciArchive, "/d/x.tar", "v1")]
    [InlineData("docker-archive:x.tar", ImageTransport.DockerArchive, "x.tar", null)]
    [InlineData("docker-archive:/d/x.tar:host:5000/name:tag", ImageTransport.DockerArchive, "/d/x.tar", "host:5000/name:tag")]
    public void A_location_is_taken_apart(string text, ImageTransport transport, string path, string? tag)
    {
        ImageLocation location = ImageLocation.TryParse(text)!;
        Assert.Equal((transport, path, tag), (location.Transport, location.Path, location.Tag));
        Assert.Equal(text, location.ToString());
    }

    [Theory]
    [InlineData("debian")]
    [InlineData("localhost:5000/oci:latest")]
    [InlineData("")]
    public void A_name_of_an_image_is_no_location(string text) => Assert.Null(ImageLocation.TryParse(text));

    [Theory]
    [InlineData("oci:")]
    [InlineData("oci:dir:")]
    [InlineData("docker-archive::tag")]
    public void A_location_without_path_or_with_an_empty_tag_is_refused(string text) => Assert.Throws<StorageException>(() => ImageLocation.TryParse(text));

    [Fact]
    public void A_verified_stream_reports_its_end_only_when_length_and_digest_are_right()
    {
        byte[] content = Encoding.ASCII.GetBytes("some content");
        Digest digest = Digest.FromHash(SHA256.HashData(content));
        using (var right = new VerifiedStream(new MemoryStream(content), digest, content.Length, "it"))
            right.Finish();
        using var shorter = new VerifiedStream(new MemoryStream(content), digest, content.Length + 1, "it");
        Assert.Throws<StorageException>(shorter.Finish);
        using var other = new VerifiedStream(new MemoryStream("some Content"u8.ToArray()), digest, content.Length, "it");
        Assert.Throws<StorageException>(other.Finish);
    }

    [Fact]
    public void A_verified_stream_reads_no_byte_more_than_promised()
    {
        byte[] content = Encoding.ASCII.GetBytes("some content");
        var endless = new MemoryStream([.. content, .. new byte[1000]]);
        using var verified = new VerifiedStream(endless, Digest.FromHash(SHA256.HashData(content)), content.Length, "it");
        verified.Finish();
        Assert.Equal(content.Length, endless.Position);
    }

    [Theory]
    [InlineData("a/b/c", "a/b", "c")]
    [InlineData("./a//b/./c/", "a/b", "c")]
    [InlineData("/etc/passwd", "etc", "passwd")]
    [InlineData("./", "", "")]
    [InlineData("x", "", "x")]
    public void A_layer_path_is_normalised(string text, string parent, string name) => Assert.Equal(new LayerPath(parent, name), LayerPath.Parse(text));

    [Theory]
    [InlineData("../x")]
    [InlineData("a/../../x")]
    [InlineData("a/..")]
    public void A_layer_path_that_steps_upwards_is_refused(string text) => Assert.Throws<StorageException>(() => LayerPath.Parse(text));

    [Fact]
    public void Control_characters_do_not_reach_a_terminal() => Assert.Equal("a\\x1b[2J\\x07b\\u202e", Printable.Escape("a\u001b[2J\ab\u202e"));
}
