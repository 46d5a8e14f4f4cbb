namespace Sampan.Oci;

/// <summary>
/// An object of one of OCI's JSON documents. A member that the document leaves out is <see langword="null"/> (or the type's zero
/// where the specification gives zero that meaning) and is left out again when the object is written.
/// An optional string that is empty counts as absent, as it does for every runtime that reads the specification's Go types.
/// </summary>
public abstract class SpecObject
{
    /// <summary>Writes the object, from its opening to its closing brace.</summary>
    public abstract void Write(JsonWriter writer);

    /// <summary>The object as UTF-8 JSON without a byte order mark: on one line, or indented by tabs as <c>runc spec</c> writes it.</summary>
    public byte[] ToJson(bool indented)
    {
        var writer = new JsonWriter(indented);
        Write(writer);
        return writer.ToArray();
    }
}

/// <summary>A type that can read itself from JSON.</summary>
internal interface IJsonObject<T> where T : SpecObject, IJsonObject<T>
{
    /// <summary>Reads the object's members; the input stands on its opening brace, and on its closing brace afterwards.</summary>
    static abstract T Read(ref JsonInput json);
}
