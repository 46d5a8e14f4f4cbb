using System.Reflection;
using System.Text.Json.Nodes;
using Sampan.Oci;

namespace Sampan.Tests.Unit.Oci;

/// <summary>Every member of the specifications is read, checked and written: held on samples that have all of them.</summary>
public sealed class EveryMemberTests
{
    private static readonly string[] s_maps = ["sysctl", "unified", "netDevices", "timeOffsets", "rdma"];

    public static TheoryData<DocumentKind> Kinds => [.. Enum.GetValues<DocumentKind>()];

    [Theory, MemberData(nameof(Kinds))]
    public void WhatIsReadIsWrittenAgain(DocumentKind kind)
    {
        JsonNode expected = JsonNode.Parse(kind.Sample())!;
        SpecObject read = kind.Parse(Samples.Utf8(kind.Sample()));
        foreach (bool indented in (ReadOnlySpan<bool>)[false, true])
        {
            JsonNode written = JsonNode.Parse(read.ToJson(indented))!;
            Assert.True(JsonNode.DeepEquals(expected, written), $"expected {expected}\nfound {written}");
        }
    }

    /// <summary>The samples are complete: no property of our types is left at its default by all of them.</summary>
    [Theory, MemberData(nameof(Kinds))]
    public void TheSampleHasEveryProperty(DocumentKind kind)
    {
        var filled = new HashSet<string>();
        var all = new HashSet<string>();
        Walk(kind.Parse(Samples.Utf8(kind.Sample())), filled, all);
        Assert.Empty(all.Except(filled));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void AValueOfTheWrongTypeIsNamedByItsPath(DocumentKind kind)
    {
        int tried = 0;
        foreach ((string path, Action<JsonNode?> replace, JsonNode? original) in Places(JsonNode.Parse(kind.Sample())!, out JsonNode root))
        {
            JsonNode wrong = original is JsonValue value && value.TryGetValue(out bool _) ? JsonValue.Create("x") : JsonValue.Create(true);
            if (IsKeyOfSet(path))
                continue;
            replace(wrong);
            byte[] text = Samples.Utf8(root.ToJsonString());
            replace(original);
            SpecException error = Assert.Throws<SpecException>(() => kind.Parse(text));
            Assert.Equal(path, error.Path);
            Assert.Contains(" must be ", error.Message, StringComparison.Ordinal);
            Assert.EndsWith(wrong is JsonValue w && w.TryGetValue(out bool _) ? "found true" : "found \"x\"", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', error.Message);
            tried++;
        }
        Assert.True(tried > 5, "the sample has no places to try");
    }

    /// <summary>Null is absent for a member, and an empty annotation; an item of an array, or of a map that is acted upon, cannot be absent.</summary>
    [Theory, MemberData(nameof(Kinds))]
    public void NullIsAbsentForMembersAndRefusedForItems(DocumentKind kind)
    {
        foreach ((string path, Action<JsonNode?> replace, JsonNode? original) in Places(JsonNode.Parse(kind.Sample())!, out JsonNode root))
        {
            replace(null);
            byte[] text = Samples.Utf8(root.ToJsonString());
            replace(original);
            if (IsRequired(kind, path) || IsItem(kind, path))
                Assert.StartsWith(path, Assert.Throws<SpecException>(() => kind.Parse(text)).Message.Split(": ")[1], StringComparison.Ordinal);
            else
                Assert.DoesNotContain("null", System.Text.Encoding.UTF8.GetString(kind.Parse(text).ToJson(false)), StringComparison.Ordinal);
        }
    }

    /// <summary>A descriptor needs its digest and its media type, wherever it stands; a document's own media type is optional.</summary>
    private static bool IsRequired(DocumentKind kind, string path) => path.EndsWith("digest", StringComparison.Ordinal)
        || path.EndsWith(".mediaType", StringComparison.Ordinal) || (kind == DocumentKind.Descriptor && path == "mediaType");

    private static bool IsItem(DocumentKind kind, string path)
    {
        if (path.EndsWith(']') && char.IsAsciiDigit(path[^2]) && path[path.LastIndexOf('[') + 1] != '"')
            return true;
        return kind != DocumentKind.Features && s_maps.Any(map => IsDirectlyIn(path, map));
    }

    private static bool IsDirectlyIn(string path, string map)
    {
        int at = path.IndexOf(map, StringComparison.Ordinal);
        string rest = at < 0 ? "" : path[(at + map.Length)..];
        return (rest.StartsWith('.') && rest.LastIndexOf('.') == 0) || (rest.StartsWith("[\"", StringComparison.Ordinal) && rest.EndsWith("\"]", StringComparison.Ordinal));
    }

    private static bool IsKeyOfSet(string path) =>
        path.StartsWith("config.ExposedPorts[", StringComparison.Ordinal) || path.StartsWith("config.Volumes[", StringComparison.Ordinal);

    private static List<(string Path, Action<JsonNode?> Replace, JsonNode? Original)> Places(JsonNode document, out JsonNode root)
    {
        root = document;
        var places = new List<(string, Action<JsonNode?>, JsonNode?)>();
        Collect(document, "", places);
        return places;
    }

    private static void Collect(JsonNode? node, string path, List<(string, Action<JsonNode?>, JsonNode?)> places)
    {
        if (node is JsonObject members)
        {
            foreach ((string name, JsonNode? value) in members.ToList())
            {
                bool plain = name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
                string at = plain ? (path.Length == 0 ? name : $"{path}.{name}") : $"{path}[\"{name}\"]";
                places.Add((at, replacement => members[name] = replacement, value));
                Collect(value, at, places);
            }
        }
        else if (node is JsonArray items)
        {
            for (int i = 0; i < items.Count; i++)
            {
                int index = i;
                places.Add(($"{path}[{i}]", replacement => items[index] = replacement, items[i]));
                Collect(items[i], $"{path}[{i}]", places);
            }
        }
    }

    private static void Walk(SpecObject value, HashSet<string> filled, HashSet<string> all)
    {
        foreach (PropertyInfo property in value.GetType().GetProperties().Where(p => p.CanWrite))
        {
            string name = $"{value.GetType().Name}.{property.Name}";
            all.Add(name);
            object? held = property.GetValue(value);
            if (held is null || held.Equals(property.PropertyType.IsValueType ? Activator.CreateInstance(property.PropertyType) : "") && Nullable.GetUnderlyingType(property.PropertyType) is null)
                continue;
            filled.Add(name);
            foreach (SpecObject inner in held is SpecObject one ? [one] : held is System.Collections.IDictionary map ? map.Values.OfType<SpecObject>()
                : held is System.Collections.IEnumerable list ? list.OfType<SpecObject>() : [])
                Walk(inner, filled, all);
        }
    }
}
