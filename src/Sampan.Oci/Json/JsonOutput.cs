namespace Sampan.Oci;

/// <summary>Writes members that may be absent: nothing is written for <see langword="null"/>, and for false where false is the default.</summary>
internal static class JsonOutput
{
    public static void Text(this JsonWriter writer, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
            writer.WriteString(name, value);
    }

    public static void Flag(this JsonWriter writer, ReadOnlySpan<byte> name, bool? value)
    {
        if (value is { } present)
            writer.WriteBoolean(name, present);
    }

    public static void Number(this JsonWriter writer, ReadOnlySpan<byte> name, long? value)
    {
        if (value is { } present)
            writer.WriteNumber(name, present);
    }

    public static void Number(this JsonWriter writer, ReadOnlySpan<byte> name, ulong? value)
    {
        if (value is { } present)
            writer.WriteNumber(name, present);
    }

    public static void Object(this JsonWriter writer, ReadOnlySpan<byte> name, SpecObject? value)
    {
        if (value is null)
            return;
        writer.WritePropertyName(name);
        value.Write(writer);
    }

    public static void Objects<T>(this JsonWriter writer, ReadOnlySpan<byte> name, List<T>? values) where T : SpecObject
    {
        if (values is null)
            return;
        writer.WriteStartArray(name);
        foreach (T value in values)
            value.Write(writer);
        writer.WriteEndArray();
    }

    public static void ObjectMap<T>(this JsonWriter writer, ReadOnlySpan<byte> name, Dictionary<string, T>? values) where T : SpecObject
    {
        if (values is null)
            return;
        writer.WriteStartObject(name);
        foreach ((string key, T value) in values)
        {
            writer.WritePropertyName(key);
            value.Write(writer);
        }
        writer.WriteEndObject();
    }

    public static void Texts(this JsonWriter writer, ReadOnlySpan<byte> name, List<string>? values)
    {
        if (values is null)
            return;
        writer.WriteStartArray(name);
        foreach (string value in values)
            writer.WriteStringValue(value);
        writer.WriteEndArray();
    }

    public static void TextMap(this JsonWriter writer, ReadOnlySpan<byte> name, Dictionary<string, string>? values)
    {
        if (values is null)
            return;
        writer.WriteStartObject(name);
        foreach ((string key, string value) in values)
            writer.WriteString(key, value);
        writer.WriteEndObject();
    }

    /// <summary>Writes a set as the specifications spell it: an object whose values are empty objects.</summary>
    public static void Keys(this JsonWriter writer, ReadOnlySpan<byte> name, List<string>? values)
    {
        if (values is null)
            return;
        writer.WriteStartObject(name);
        foreach (string value in values)
        {
            writer.WriteStartObject(value);
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }

    public static void Ids(this JsonWriter writer, ReadOnlySpan<byte> name, List<uint>? values)
    {
        if (values is null)
            return;
        writer.WriteStartArray(name);
        foreach (uint value in values)
            writer.WriteNumberValue(value);
        writer.WriteEndArray();
    }

    public static void Digests(this JsonWriter writer, ReadOnlySpan<byte> name, List<Digest>? values)
    {
        if (values is null)
            return;
        writer.WriteStartArray(name);
        foreach (Digest value in values)
            writer.WriteStringValue(value.ToString());
        writer.WriteEndArray();
    }
}
