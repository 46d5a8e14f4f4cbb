using System.Text;
using Sampan.Oci;

namespace Sampan.Tests.Unit.Oci;

/// <summary>What a bad document is answered with: one sentence that names the field, what was expected and what was found.</summary>
public sealed class ReadErrorTests
{
    [Theory]
    [InlineData("""{"process":{"args":["sh",5]}}""", "config.json: process.args[1] must be a string, found a number")]
    [InlineData("""{"process":{"args":"sh"}}""", "config.json: process.args must be an array of strings, found \"sh\"")]
    [InlineData("""{"process":{"args":["sh",null]}}""", "config.json: process.args[1] must be a string, found null")]
    [InlineData("""{"process":{"user":{"uid":-1}}}""", "config.json: process.user.uid must be a whole number from 0 to 4294967295, found -1")]
    [InlineData("""{"process":{"user":{"uid":4294967296}}}""", "config.json: process.user.uid must be a whole number from 0 to 4294967295, found 4294967296")]
    [InlineData("""{"process":{"user":{"uid":0.5}}}""", "config.json: process.user.uid must be a whole number from 0 to 4294967295, found 0.5")]
    [InlineData("""{"process":{"user":{"additionalGids":[1,"2"]}}}""", "config.json: process.user.additionalGids[1] must be a whole number from 0 to 4294967295, found \"2\"")]
    [InlineData("""{"process":{"terminal":"yes"}}""", "config.json: process.terminal must be true or false, found \"yes\"")]
    [InlineData("""{"process":{"oomScoreAdj":1001}}""", "config.json: process.oomScoreAdj must be a whole number from -1000 to 1000, found 1001")]
    [InlineData("""{"process":[]}""", "config.json: process must be an object, found an array")]
    [InlineData("""{"mounts":[{"destination":"/a"},{"options":["ro",{}]}]}""", "config.json: mounts[1].options[1] must be a string, found an object")]
    [InlineData("""{"mounts":[{"destination":"/a"},[]]}""", "config.json: mounts[1] must be an object, found an array")]
    [InlineData("""{"linux":{"resources":{"memory":{"limit":"x"}}}}""",
        "config.json: linux.resources.memory.limit must be a whole number from -1 to 9223372036854775807, found \"x\"")]
    [InlineData("""{"linux":{"resources":{"memory":{"limit":9223372036854775808}}}}""",
        "config.json: linux.resources.memory.limit must be a whole number from -1 to 9223372036854775807, found 9223372036854775808")]
    [InlineData("""{"linux":{"resources":{"cpu":{"shares":-1}}}}""", "config.json: linux.resources.cpu.shares must be a whole number from 0 to 18446744073709551615, found -1")]
    [InlineData("""{"linux":{"resources":{"blockIO":{"weight":65536}}}}""", "config.json: linux.resources.blockIO.weight must be a whole number from 0 to 65535, found 65536")]
    [InlineData("""{"linux":{"sysctl":{"net.ipv4.ip_forward":1}}}""", "config.json: linux.sysctl[\"net.ipv4.ip_forward\"] must be a string, found a number")]
    [InlineData("""{"linux":{"timeOffsets":{"monotonic":1}}}""", "config.json: linux.timeOffsets.monotonic must be an object, found a number")]
    [InlineData("""{"annotations":{"a":"b","c":["d"]}}""", "config.json: annotations.c must be a string, found an array")]
    [InlineData("""{"unknown":[[{"a":[1,2]}],3],"hostname":{"a":1}}""", "config.json: hostname must be a string, found an object")]
    [InlineData("""{"hostname":"a\u0000b"}""", "config.json: hostname must not contain a NUL character")]
    [InlineData("""{"hostname":"\ud800"}""", "config.json: hostname is not valid Unicode text")]
    [InlineData("""[1]""", "config.json: the document must be an object, found an array")]
    [InlineData("", "config.json: line 1, byte 1 is not valid JSON (or deeper than 64 levels): the text ends")]
    [InlineData("""{"hostname":"a" "b"}""", "config.json: line 1, byte 17 is not valid JSON (or deeper than 64 levels): at \"\"b\"}\"")]
    [InlineData("{\n\"process\": {\n  \"args\": [\"a\",],\n} }", "config.json: line 3, byte 16 is not valid JSON (or deeper than 64 levels): at \"],?} }\"")]
    [InlineData("""{} {}""", "config.json: line 1, byte 4 is not valid JSON (or deeper than 64 levels): at \"{}\"")]
    [InlineData("{\"hostname\":\"a\" // no\n}", "config.json: line 1, byte 17 is not valid JSON (or deeper than 64 levels): at \"// no?}\"")]
    public void ASentenceNamesTheField(string json, string message)
    {
        SpecException error = Assert.Throws<SpecException>(() => Spec.Parse(Samples.Utf8(json)));
        Assert.Equal(message, error.Message);
    }

    [Fact]
    public void OtherDocumentsHaveTheirOwnName()
    {
        Assert.Equal("process.json: args[0] must be a string, found true", Assert.Throws<SpecException>(() => Process.Parse("{\"args\":[true]}"u8)).Message);
        Assert.Equal("resources: pids.limit must be a whole number from -9223372036854775808 to 9223372036854775807, found 1e3",
            Assert.Throws<SpecException>(() => LinuxResources.Parse("{\"pids\":{\"limit\":1e3}}"u8)).Message);
        Assert.Equal("-: memory must be an object, found \"5\"", Assert.Throws<SpecException>(() => LinuxResources.Parse("{\"memory\":\"5\"}"u8, "-")).Message);
        Assert.Equal("manifest: layers[0].digest is missing", Assert.Throws<SpecException>(() => ImageManifest.Parse("{\"layers\":[{\"mediaType\":\"a\"}]}"u8)).Message);
        Assert.Equal("descriptor: mediaType is missing", Assert.Throws<SpecException>(() => Descriptor.Parse("{}"u8)).Message);
    }

    [Fact]
    public void OfAMemberGivenTwiceTheLastCounts()
    {
        Spec spec = Spec.Parse("{\"hostname\":\"a\",\"root\":{\"path\":\"x\",\"readonly\":true},\"hostname\":\"b\",\"root\":{\"path\":\"y\"}}"u8);
        Assert.Equal("b", spec.Hostname);
        Assert.Equal("y", spec.Root!.Path);
        Assert.False(spec.Root.Readonly);
    }

    [Fact]
    public void UnknownMembersAndOtherPlatformsAreSkipped()
    {
        Spec spec = Spec.Parse("{\"x\":{\"y\":[1,{\"z\":null}]},\"windows\":{\"layerFolders\":[]},\"vm\":5,\"solaris\":\"\",\"ociVersion\":\"1.0.2\",\"process\":{\"commandLine\":7}}"u8);
        Assert.Equal("1.0.2", spec.OciVersion);
        Assert.Null(spec.Linux);
    }

    [Fact]
    public void AnEmptyOptionalStringIsAbsent()
    {
        Spec spec = Spec.Parse("{\"hostname\":\"\",\"linux\":{\"cgroupsPath\":\"\",\"namespaces\":[{\"type\":\"pid\",\"path\":\"\"}]}}"u8);
        Assert.Null(spec.Hostname);
        Assert.Null(spec.Linux!.CgroupsPath);
        Assert.Null(spec.Linux.Namespaces![0].Path);
    }

    [Fact]
    public void DepthAndLengthAreBounded()
    {
        string deep = string.Concat(Enumerable.Repeat("[", 100_000));
        Assert.Contains("not valid JSON", Assert.Throws<SpecException>(() => Spec.Parse(Samples.Utf8("{\"x\":" + deep))).Message, StringComparison.Ordinal);
        byte[] long_ = new byte[(16 << 20) + 1];
        long_.AsSpan().Fill((byte)' ');
        Assert.Equal("config.json: the document has 16777217 bytes, more than the 16777216 that are allowed", Assert.Throws<SpecException>(() => Spec.Parse(long_)).Message);
    }

    /// <summary>What a message quotes cannot steer the terminal that shows it.</summary>
    [Fact]
    public void MessagesHaveNoControlCharacters()
    {
        string json = "{\"linux\":{\"timeOffsets\":{\"\\u001b[31m\\u202e" + new string('k', 1000) + "\":\"\u009b\u2028\"}}}";
        string message = Assert.Throws<SpecException>(() => Spec.Parse(Samples.Utf8(json))).Message;
        Assert.DoesNotContain(message, c => char.IsControl(c) || c is '\u202e' or '\u2028');
        Assert.True(message.Length < 300, message);
        Assert.True(Encoding.UTF8.GetByteCount(message) < 400);
    }
}
