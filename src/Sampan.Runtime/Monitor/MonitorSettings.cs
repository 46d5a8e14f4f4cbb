using System.Globalization;

namespace Sampan.Runtime.Monitor;

/// <summary>What a monitor is told on its command line, <c>KEY=VALUE</c> words. The private verbs <c>monitor</c> and <c>monitor-watch</c> share it.</summary>
public sealed class MonitorSettings
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <summary>Reads the words.</summary>
    /// <exception cref="RuntimeException">A word is not of that form.</exception>
    public MonitorSettings(IReadOnlyList<string> words)
    {
        foreach (string word in words)
        {
            int equals = word.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                throw new RuntimeException($"the monitor does not understand \"{word}\": it is started by sampan, not by hand", RuntimeErrorKind.InvalidArgument);
            _values[word[..equals]] = word[(equals + 1)..];
        }
    }

    /// <summary>The container's id.</summary>
    public string Id => Required("id");

    /// <summary>The container's directory, with its bundle, state file and log.</summary>
    public string Directory => Required("directory");

    /// <summary>The directory of its socket.</summary>
    public string RunDirectory => Required("run");

    /// <summary>The OCI runtime's program.</summary>
    public string Runtime => Required("runtime");

    /// <summary>The OCI runtime's state directory.</summary>
    public string RuntimeRoot => Required("runtime-root");

    /// <summary>The mount point to unmount at the end, or null.</summary>
    public string? Mount => Optional("mount");

    /// <summary>The file that holds the container's name, removed with the container, or null.</summary>
    public string? NameFile => Optional("name-file");

    /// <summary>Whether the runtime is this very program, so that no process is needed to call it.</summary>
    public bool IsOwnRuntime => Optional("own-runtime") == "1";

    /// <summary>Whether the process has a terminal.</summary>
    public bool Terminal => Optional("terminal") == "1";

    /// <summary>Whether its standard input stays open.</summary>
    public bool Interactive => Optional("interactive") == "1";

    /// <summary>Whether the container's files are removed when it has ended.</summary>
    public bool Remove => Optional("remove") == "1";

    /// <summary>Whether the first client gets the output from the first byte on.</summary>
    public bool Attach => Optional("attach") == "1";

    /// <summary>A word, or null where it is absent.</summary>
    public string? Optional(string key) => _values.GetValueOrDefault(key);

    /// <summary>A number, or -1 where it is absent.</summary>
    public long Number(string key) =>
        Optional(key) is { } text && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : -1;

    /// <summary>Sets a word.</summary>
    public void Set(string key, string value) => _values[key] = value;

    /// <summary>Sets a number.</summary>
    public void Set(string key, long value) => _values[key] = value.ToString(CultureInfo.InvariantCulture);

    /// <summary>The words again.</summary>
    public List<string> ToWords()
    {
        var words = new List<string>(_values.Count);
        foreach ((string key, string value) in _values)
            words.Add($"{key}={value}");
        return words;
    }

    private string Required(string key) =>
        Optional(key) is { Length: > 0 } value ? value : throw new RuntimeException($"the monitor was started without \"{key}\": it is started by sampan, not by hand", RuntimeErrorKind.InvalidArgument);
}
