using Sampan.Oci;

namespace Sampan.Tests.Unit.Oci;

public sealed class DigestTests
{
    private static readonly string s_sha256 = "sha256:" + new string('a', 64);

    [Fact]
    public void HasItsParts()
    {
        Digest digest = Digest.Parse(s_sha256);
        Assert.True(digest.IsValid);
        Assert.Equal("sha256", digest.Algorithm);
        Assert.Equal(new string('a', 64), digest.Hex);
        Assert.Equal(s_sha256, digest.ToString());
        Assert.True(Digest.TryParse("sha512:" + new string('0', 128), out Digest longer));
        Assert.Equal("sha512", longer.Algorithm);
    }

    [Fact]
    public void TheDefaultIsNotValidAndHasNoText()
    {
        Digest none = default;
        Assert.False(none.IsValid);
        Assert.Throws<InvalidOperationException>(() => none.ToString());
        Assert.Throws<InvalidOperationException>(() => none.Hex);
        Assert.Throws<InvalidOperationException>(() => none.Algorithm);
        Assert.NotEqual(Digest.Parse(s_sha256), none);
    }

    public static TheoryData<string> NotDigests =>
    [
        "", "sha256:", "sha256", new string('a', 64), "sha256:" + new string('A', 64), "sha256:" + new string('a', 63), "sha256:" + new string('a', 65),
        "sha512:" + new string('a', 64), "md5:" + new string('a', 32), "sha256:" + new string('a', 62) + "/.", "SHA256:" + new string('a', 64),
        "sha256:../" + new string('a', 61), "sha256:" + new string('a', 63) + "\n", "sha384:" + new string('a', 96), "sha256-" + new string('a', 64),
    ];

    [Theory, MemberData(nameof(NotDigests))]
    public void NothingElseIsOne(string text)
    {
        Assert.False(Digest.TryParse(text, out Digest digest));
        Assert.False(digest.IsValid);
        Assert.Throws<FormatException>(() => Digest.Parse(text));
        Assert.False(Digest.TryParse(null, out _));
    }

    [Fact]
    public void IsMadeFromAHash()
    {
        Assert.Equal("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            Digest.FromHash(System.Security.Cryptography.SHA256.HashData([])).ToString());
        Assert.StartsWith("sha512:cf83e1357eefb8bd", Digest.FromHash(System.Security.Cryptography.SHA512.HashData([])).ToString(), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Digest.FromHash(new byte[20]));
    }

    [Fact]
    public void EqualsByText()
    {
        Digest one = Digest.Parse(s_sha256);
        Digest same = Digest.Parse(new string(s_sha256));
        Assert.True(one == same);
        Assert.Equal(one.GetHashCode(), same.GetHashCode());
        Assert.True(one != Digest.Parse("sha256:" + new string('b', 64)));
        Assert.True(one.Equals((object)same));
        Assert.False(one.Equals("x"));
    }
}
