using System.Text.Json;

namespace Sampan.Oci;

/// <summary>What is wrong with a JSON text, in words: those of System.Text.Json are keys in the published programs (decision 0002).</summary>
public static class JsonFault
{
    /// <summary>Whether an exception is one that reading a JSON text throws.</summary>
    public static bool Is(Exception failure) => failure is JsonException or KeyNotFoundException or InvalidOperationException or FormatException;

    /// <summary>The fault as part of a sentence: "line 2, byte 1 is not valid JSON".</summary>
    public static string Describe(Exception failure) => failure is JsonException json
        ? $"line {(json.LineNumber ?? 0) + 1}, byte {(json.BytePositionInLine ?? 0) + 1} is not valid JSON"
        : "a member is missing or has a value of the wrong kind";
}
