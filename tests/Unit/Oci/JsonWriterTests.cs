using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Sampan.Oci;

namespace Sampan.Tests.Unit.Oci;

/// <summary>The writer writes JSON that another reader understands, as <c>Utf8JsonWriter</c> would, byte for byte where nothing is escaped.</summary>
public sealed class JsonWriterTests
{
    [Theory]
    [InlineData("plain", "\"plain\"")]
    [InlineData("", "\"\"")]
    [InlineData("a\"b\\c/d", "\"a\\\"b\\\\c/d\"")]
    [InlineData("\n\r\t\0\u001b[31m", "\"\\n\\r\\t\\u0000\\u001b[31m\"")]
    [InlineData("\u007f\u009b\u2028", "\"\\u007f\\u009b\\u2028\"")]
    [InlineData("<ä€😀>&'", "\"<ä€😀>&'\"")]
    public void StringsAreEscapedWhereTheyMustBe(string text, string json)
    {
        var writer = new JsonWriter();
        writer.WriteStringValue(text);
        Assert.Equal(json, Encoding.UTF8.GetString(writer.ToArray()));
        Assert.Equal(text, JsonNode.Parse(writer.Written)!.GetValue<string>());
    }

    [Fact]
    public void HalfASurrogatePairBecomesAReplacementCharacter()
    {
        var writer = new JsonWriter();
        writer.WriteStringValue("a\ud800b");
        Assert.Equal("a\ufffdb", JsonNode.Parse(writer.Written)!.GetValue<string>());
    }

    [Fact]
    public void AnyStringIsReadBackAsNameAndAsValue() => Gen.String.Sample(text =>
    {
        string valid = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
        var writer = new JsonWriter();
        writer.WriteStartObject();
        writer.WriteString(text, text);
        writer.WriteEndObject();
        KeyValuePair<string, JsonNode?> member = Assert.Single(JsonNode.Parse(writer.Written)!.AsObject());
        Assert.Equal(valid, member.Key);
        Assert.Equal(valid, member.Value!.GetValue<string>());
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void LooksAsUtf8JsonWriterWritesIt(bool indented)
    {
        using var stream = new MemoryStream();
        using (var other = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = indented, IndentCharacter = '\t', IndentSize = 1, NewLine = "\n" }))
        {
            other.WriteStartObject();
            other.WriteStartObject("empty"u8);
            other.WriteEndObject();
            other.WriteStartArray("list"u8);
            other.WriteStartArray();
            other.WriteEndArray();
            other.WriteNumberValue(long.MinValue);
            other.WriteNumberValue(ulong.MaxValue);
            other.WriteStringValue("text");
            other.WriteStartObject();
            other.WriteBoolean("yes"u8, true);
            other.WriteNull("nothing"u8);
            other.WriteNumber("half"u8, 0.5);
            other.WriteEndObject();
            other.WriteEndArray();
            other.WriteStartObject("last");
            other.WriteBoolean("no"u8, false);
            other.WriteEndObject();
            other.WriteEndObject();
        }
        Assert.Equal(Encoding.UTF8.GetString(stream.ToArray()), Encoding.UTF8.GetString(Ours(indented).Written));
    }

    private static JsonWriter Ours(bool indented)
    {
        var writer = new JsonWriter(indented);
        writer.WriteStartObject();
        writer.WriteStartObject("empty"u8);
        writer.WriteEndObject();
        writer.WriteStartArray("list"u8);
        writer.WriteStartArray();
        writer.WriteEndArray();
        writer.WriteNumberValue(long.MinValue);
        writer.WriteNumberValue(ulong.MaxValue);
        writer.WriteStringValue("text");
        writer.WriteStartObject();
        writer.WriteBoolean("yes"u8, true);
        writer.WriteNull("nothing"u8);
        writer.WriteNumber("half"u8, 0.5);
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteStartObject("last");
        writer.WriteBoolean("no"u8, false);
        writer.WriteEndObject();
        writer.WriteEndObject();
        return writer;
    }
}
