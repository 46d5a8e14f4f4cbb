using System.Globalization;

namespace Sampan.RuntimeCommand.CommandLine;

/// <summary>The options that were given, in their order.</summary>
public sealed class ParsedOptions
{
    private readonly List<(Option Option, string Value)> _given = [];

    /// <summary>True where the option was given at all.</summary>
    public bool Has(string name) => Last(name) is not null;

    /// <summary>A flag's value; false where it was not given.</summary>
    public bool Flag(string name) => Last(name) == "true";

    /// <summary>A text's value; null where it was not given.</summary>
    public string? Text(string name) => Last(name);

    /// <summary>A number's value; null where it was not given.</summary>
    public long? Number(string name) => Last(name) is string value ? long.Parse(value, CultureInfo.InvariantCulture) : null;

    /// <summary>All values of an option that may be given several times.</summary>
    public List<string> List(string name)
    {
        var values = new List<string>();
        foreach ((Option option, string value) in _given)
        {
            if (option.Name == name)
                values.Add(value);
        }

        return values;
    }

    internal void Add(Option option, string value) => _given.Add((option, value));

    private string? Last(string name)
    {
        for (int i = _given.Count - 1; i >= 0; i--)
        {
            if (_given[i].Option.Name == name)
                return _given[i].Value;
        }

        return null;
    }
}
