using CsCheck;
using Sampan.Registry;

namespace Sampan.Tests.Unit.Registry;

/// <summary>References as Docker reads them; the cases follow the table of distribution's own reference grammar.</summary>
public sealed class ImageReferenceTests
{
    private const string Hash = "sha256:ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";

    [Theory]
    [InlineData("debian", "docker.io/library/debian:latest")]
    [InlineData("debian:12", "docker.io/library/debian:12")]
    [InlineData("docker.io/debian", "docker.io/library/debian:latest")]
    [InlineData("index.docker.io/debian", "docker.io/library/debian:latest")]
    [InlineData("library/debian", "docker.io/library/debian:latest")]
    [InlineData("user/app", "docker.io/user/app:latest")]
    [InlineData("localhost/app", "localhost/app:latest")]
    [InlineData("localhost:5000/app", "localhost:5000/app:latest")]
    [InlineData("127.0.0.1:5000/a/b/c:v1.2-x_y", "127.0.0.1:5000/a/b/c:v1.2-x_y")]
    [InlineData("[::1]:5000/app:t", "[::1]:5000/app:t")]
    [InlineData("[2001:db8::1]/app", "[2001:db8::1]/app:latest")]
    [InlineData("Registry/app", "Registry/app:latest")]
    [InlineData("xn--n3h.com/app", "xn--n3h.com/app:latest")]
    [InlineData("foo_bar.com:8080", "docker.io/library/foo_bar.com:8080")]
    [InlineData("a__b/c---d.e:0", "docker.io/a__b/c---d.e:0")]
    [InlineData("app@" + Hash, "docker.io/library/app@" + Hash)]
    [InlineData("r.io:80/app:t@" + Hash, "r.io:80/app:t@" + Hash)]
    public void A_reference_has_its_whole_name(string text, string whole)
    {
        ImageReference reference = ImageReference.Parse(text);
        Assert.Equal(whole, reference.ToString());
        Assert.Equal(reference, ImageReference.Parse(whole));
        Assert.Equal(reference, ImageReference.Parse(reference.Familiar));
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("r.io/", "empty")]
    [InlineData(":tag", "empty")]
    [InlineData("Debian", "lower case")]
    [InlineData("a//b", "part of the path")]
    [InlineData("a..b", "part of the path")]
    [InlineData("a___b", "part of the path")]
    [InlineData("-a", "part of the path")]
    [InlineData("a/", "part of the path")]
    [InlineData("a b", "part of the path")]
    [InlineData("../etc", "labels")]
    [InlineData("a:", "tag")]
    [InlineData("a:-x", "tag")]
    [InlineData("a:b:c", "part of the path")]
    [InlineData("r.io:0/a", "port")]
    [InlineData("r.io:65536/a", "port")]
    [InlineData("r.io:x/a", "port")]
    [InlineData("::1/a", "port")]
    [InlineData("[::1/a", "IPv6")]
    [InlineData("[1.2.3.4]:5/a", "IPv6")]
    [InlineData("r..io/a", "labels")]
    [InlineData("-r.io/a", "labels")]
    [InlineData("a@sha256:ff", "after the @")]
    [InlineData("a@md5:ff", "after the @")]
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "image's id")]
    public void What_is_wrong_is_said(string text, string cause)
    {
        RegistryException failure = Assert.Throws<RegistryException>(() => ImageReference.Parse(text));
        Assert.Equal(RegistryErrorKind.InvalidArgument, failure.Kind);
        Assert.Contains(cause, failure.Message);
        Assert.False(ImageReference.TryParse(text, out _));
    }

    [Fact]
    public void Lengths_have_their_limits()
    {
        Assert.True(ImageReference.TryParse("a:" + new string('t', 128), out _));
        Assert.False(ImageReference.TryParse("a:" + new string('t', 129), out _));
        Assert.True(ImageReference.TryParse("r.io/" + new string('a', 250), out _));
        Assert.False(ImageReference.TryParse("r.io/" + new string('a', 251), out _));
    }

    [Fact]
    public void A_control_character_does_not_reach_the_message()
    {
        RegistryException failure = Assert.Throws<RegistryException>(() => ImageReference.Parse("a\u001b[31m"));
        Assert.DoesNotContain('\u001b', failure.Message);
    }

    [Fact]
    public void Any_text_is_a_reference_that_reads_back_or_an_error() =>
        Gen.String[Gen.Char["abzAZ019./:@_-[]% \n"], 0, 40].Sample(text =>
        {
            if (ImageReference.TryParse(text, out ImageReference? reference))
                Assert.Equal(reference, ImageReference.Parse(reference.ToString()));
        });

    [Fact]
    public void A_short_name_is_searched_in_the_lists_order()
    {
        string[] registries = ["r.io:5000", "docker.io", "index.docker.io"];
        Assert.Equal(["r.io:5000/app:1", "docker.io/library/app:1"], ShortNames.Candidates("app:1", registries).Select(r => r.ToString()));
        Assert.Equal(["q.io/app:1"], ShortNames.Candidates("q.io/app:1", registries).Select(r => r.ToString()));
        Assert.Equal(["docker.io/library/app:latest"], ShortNames.Candidates("app", []).Select(r => r.ToString()));
        Assert.Throws<RegistryException>(() => ShortNames.Candidates("app", ["nohost"]));
    }
}
