using System.Text.Json;

namespace Sampan.Oci;

/// <content>Arrays and maps.</content>
internal ref partial struct JsonInput
{
    /// <summary>Reads the member's value as an array of strings.</summary>
    public List<string>? Texts()
    {
        if (!Array("must be an array of strings"))
            return null;
        var list = new List<string>();
        while (Item())
            list.Add(TextValue());
        return list;
    }

    /// <summary>Reads the member's value as an array of user or group ids.</summary>
    public List<uint>? Ids()
    {
        if (!Array("must be an array of numbers"))
            return null;
        var list = new List<uint>();
        while (Item())
        {
            if (_json.TokenType != JsonTokenType.Number || !_json.TryGetUInt32(out uint id))
                throw Unexpected($"must be a whole number from 0 to {uint.MaxValue}", showNumber: true);
            list.Add(id);
        }
        return list;
    }

    /// <summary>Reads the member's value as an array of digests.</summary>
    public List<Digest>? Digests()
    {
        if (!Array("must be an array of digests"))
            return null;
        var list = new List<Digest>();
        while (Item())
            list.Add(DigestValue());
        return list;
    }

    /// <summary>Reads the member's value as an array of objects.</summary>
    public List<T>? Objects<T>() where T : SpecObject, IJsonObject<T>
    {
        if (!Array("must be an array of objects"))
            return null;
        var list = new List<T>();
        while (Item())
        {
            if (_json.TokenType != JsonTokenType.StartObject)
                throw Unexpected("must be an object");
            list.Add(T.Read(ref this));
        }
        return list;
    }

    /// <summary>Reads the member's value as an object with members of any name that are strings.</summary>
    public Dictionary<string, string>? TextMap()
    {
        if (!Map("must be an object whose members are strings"))
            return null;
        var map = new Dictionary<string, string>();
        while (NextMember())
        {
            string key = _json.GetString()!;
            _json.Read();
            map[key] = TextValue();
        }
        return map;
    }

    /// <summary>
    /// Reads the member's value as annotations or labels: strings for people and tools, which never reach the kernel. A null among them is
    /// an empty string, as it is for every reader written in Go.
    /// </summary>
    public Dictionary<string, string>? Annotations()
    {
        if (!Map("must be an object whose members are strings"))
            return null;
        var map = new Dictionary<string, string>();
        while (NextMember())
        {
            string key = _json.GetString()!;
            _json.Read();
            if (_json.TokenType is not (JsonTokenType.String or JsonTokenType.Null))
                throw Unexpected("must be a string");
            map[key] = _json.GetString() ?? "";
        }
        return map;
    }

    /// <summary>Reads the member's value as an object with members of any name that are objects.</summary>
    public Dictionary<string, T>? ObjectMap<T>() where T : SpecObject, IJsonObject<T>
    {
        if (!Map("must be an object whose members are objects"))
            return null;
        var map = new Dictionary<string, T>();
        while (NextMember())
        {
            string key = _json.GetString()!;
            _json.Read();
            if (_json.TokenType != JsonTokenType.StartObject)
                throw Unexpected("must be an object");
            map[key] = T.Read(ref this);
        }
        return map;
    }

    /// <summary>Reads the member's value as a set: an object of which only the names of the members count.</summary>
    public List<string>? Keys()
    {
        if (!Map("must be an object"))
            return null;
        var list = new List<string>();
        while (NextMember())
        {
            string key = _json.GetString()!;
            if (!list.Contains(key))
                list.Add(key);
            _json.Skip();
        }
        return list;
    }

    private bool Array(string expectation) => Value()
        && (_json.TokenType == JsonTokenType.StartArray ? true : throw Unexpected(expectation));

    private bool Map(string expectation) => Value()
        && (_json.TokenType == JsonTokenType.StartObject ? true : throw Unexpected(expectation));

    /// <summary>Moves to the array's next item; false at its closing bracket.</summary>
    private bool Item()
    {
        _json.Read();
        return _json.TokenType != JsonTokenType.EndArray;
    }
}
