using System.Text.Json;

namespace Sampan.Oci;

/// <summary>
/// A strict reader of OCI's JSON documents over <see cref="Utf8JsonReader"/>. Each read checks the type and the range of the value
/// and throws a <see cref="SpecException"/> that names the field. A member that is null counts as absent; of a member given
/// twice the last one counts; unknown members are skipped, as the specification demands (config.md, Extensibility).
/// The path in a message is found by reading the text a second time, so that a good document pays nothing for it.
/// </summary>
internal ref partial struct JsonInput
{
    /// <summary>The longest document that is read, in bytes.</summary>
    public const int MaximumLength = 16 << 20;

    /// <summary>The deepest nesting that is read, also in unknown members.</summary>
    public const int MaximumDepth = 64;

    private readonly ReadOnlySpan<byte> _text;
    private readonly string _document;
    private Utf8JsonReader _json;

    private JsonInput(ReadOnlySpan<byte> text, string document)
    {
        _text = text;
        _document = document;
        _json = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = MaximumDepth });
    }

    /// <summary>Reads a whole document that is one object.</summary>
    public static T Parse<T>(ReadOnlySpan<byte> text, string document) where T : SpecObject, IJsonObject<T>
    {
        if (text.Length > MaximumLength)
            throw new SpecException(document, "", $"the document has {text.Length} bytes, more than the {MaximumLength} that are allowed");
        var json = new JsonInput(text, document);
        try
        {
            json._json.Read();
            if (json._json.TokenType != JsonTokenType.StartObject)
                throw json.Unexpected("must be an object");
            T result = T.Read(ref json);
            json._json.Read(); // a second value after the document is malformed
            return result;
        }
        catch (JsonException malformed)
        {
            throw Malformed(text, document, malformed);
        }
        catch (InvalidOperationException)
        {
            throw json.Fault("is not valid Unicode text"); // a string or a name with broken UTF-8 or half a surrogate pair
        }
    }

    /// <summary>Moves to the object's next member; false at its closing brace.</summary>
    public bool NextMember()
    {
        _json.Read();
        return _json.TokenType == JsonTokenType.PropertyName;
    }

    /// <summary>Whether the member is called <paramref name="name"/>.</summary>
    public readonly bool Is(ReadOnlySpan<byte> name) => _json.ValueTextEquals(name);

    /// <summary>Passes over the member's value.</summary>
    public void Skip() => _json.Skip();

    /// <summary>Reads the member's value as a string; an empty one counts as absent.</summary>
    public string? Text()
    {
        if (!Value())
            return null;
        string text = TextValue();
        return text.Length == 0 ? null : text;
    }

    /// <summary>Reads the member's value as true or false.</summary>
    public bool? Flag()
    {
        if (!Value())
            return null;
        return _json.TokenType switch
        {
            JsonTokenType.True => true,
            JsonTokenType.False => false,
            _ => throw Unexpected("must be true or false"),
        };
    }

    /// <summary>Reads the member's value as a whole number within bounds.</summary>
    public long? Integer(long minimum, long maximum)
    {
        if (!Value())
            return null;
        if (_json.TokenType == JsonTokenType.Number && _json.TryGetInt64(out long value) && value >= minimum && value <= maximum)
            return value;
        throw Unexpected($"must be a whole number from {minimum} to {maximum}", showNumber: true);
    }

    /// <summary>Reads the member's value as a whole number of 32 bits within bounds.</summary>
    public int? Int32(int minimum, int maximum) => (int?)Integer(minimum, maximum);

    /// <summary>Reads the member's value as a whole number of 64 bits.</summary>
    public long? Int64() => Integer(long.MinValue, long.MaxValue);

    /// <summary>Reads the member's value as an unsigned number of 16 bits.</summary>
    public ushort? UInt16() => (ushort?)Integer(0, ushort.MaxValue);

    /// <summary>Reads the member's value as an unsigned number of 32 bits.</summary>
    public uint? UInt32() => (uint?)Integer(0, uint.MaxValue);

    /// <summary>Reads the member's value as an unsigned number of 64 bits.</summary>
    public ulong? UInt64()
    {
        if (!Value())
            return null;
        if (_json.TokenType == JsonTokenType.Number && _json.TryGetUInt64(out ulong value))
            return value;
        throw Unexpected($"must be a whole number from 0 to {ulong.MaxValue}", showNumber: true);
    }

    /// <summary>Reads the member's value as a digest.</summary>
    public Digest Digest() => Value() ? DigestValue() : default;

    /// <summary>Reads the member's value as an object.</summary>
    public T? Object<T>() where T : SpecObject, IJsonObject<T>
    {
        if (!Value())
            return null;
        if (_json.TokenType != JsonTokenType.StartObject)
            throw Unexpected("must be an object");
        return T.Read(ref this);
    }

    /// <summary>Goes to the member's value; false when it is null.</summary>
    private bool Value()
    {
        _json.Read();
        return _json.TokenType != JsonTokenType.Null;
    }

    private readonly string TextValue()
    {
        if (_json.TokenType != JsonTokenType.String)
            throw Unexpected("must be a string");
        string text = _json.GetString()!;
        // The kernel would take the part before it for the whole: a path that says one thing to a reader and another to open(2).
        if (_json.ValueIsEscaped && text.Contains('\0'))
            throw Fault("must not contain a NUL character");
        return text;
    }

    private readonly Digest DigestValue()
    {
        if (_json.TokenType == JsonTokenType.String && Oci.Digest.TryParse(_json.GetString(), out Digest digest))
            return digest;
        throw Unexpected("must be a digest, sha256: and 64 or sha512: and 128 lower-case hexadecimal digits");
    }
}
