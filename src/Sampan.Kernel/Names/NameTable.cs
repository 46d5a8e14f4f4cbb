namespace Sampan.Kernel;

/// <summary>A small table between the names of kernel constants and their numbers.</summary>
public sealed class NameTable
{
    private readonly (string Name, uint Number)[] _rows;

    internal NameTable(params (string Name, uint Number)[] rows) => _rows = rows;

    /// <summary>All names, in the table's order.</summary>
    public IEnumerable<string> Names
    {
        get
        {
            foreach ((string name, _) in _rows)
                yield return name;
        }
    }

    /// <summary>The number of a name; false where the table has no such name. Names are compared letter by letter.</summary>
    public bool TryGet(string name, out uint number)
    {
        foreach ((string known, uint value) in _rows)
        {
            if (known == name)
            {
                number = value;
                return true;
            }
        }

        number = 0;
        return false;
    }

    /// <summary>The name of a number, or null.</summary>
    public string? NameOf(uint number)
    {
        foreach ((string known, uint value) in _rows)
        {
            if (value == number)
                return known;
        }

        return null;
    }
}
