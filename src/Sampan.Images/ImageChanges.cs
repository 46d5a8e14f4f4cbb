using System.Text;
using System.Text.Json;
using Sampan.Oci;
using Sampan.Storage;

namespace Sampan.Images;

/// <summary>
/// Instructions of a Dockerfile that say how an image is run, as <c>commit --change</c> and <c>import --change</c> take them: CMD, ENTRYPOINT, ENV, EXPOSE,
/// HEALTHCHECK, LABEL, ONBUILD, SHELL, STOPSIGNAL, USER, VOLUME, WORKDIR; written <c>CMD …</c> as in Docker, or <c>CMD=…</c> as in Podman.
/// </summary>
public static class ImageChanges
{
    /// <summary>Applies one instruction.</summary>
    /// <exception cref="StorageException">It is none of them, or malformed.</exception>
    public static void Apply(ImageExecution config, string change)
    {
        string text = change.Trim();
        int end = text.AsSpan().IndexOfAny(' ', '\t', '=');
        string word = (end < 0 ? text : text[..end]).ToUpperInvariant(), rest = end < 0 ? "" : text[(end + 1)..].Trim();
        if (rest.Length == 0)
            throw Invalid(change, "it has no value");
        switch (word)
        {
            case "CMD":
                config.Cmd = Command(config, rest, change);
                break;
            case "ENTRYPOINT":
                config.Entrypoint = Command(config, rest, change);
                break;
            case "SHELL":
                config.Shell = List(rest) ?? throw Invalid(change, "SHELL takes a JSON list");
                break;
            case "ENV":
                foreach ((string key, string value) in Pairs(rest, change))
                    Set(config.Env ??= [], key, value);
                break;
            case "LABEL":
                foreach ((string key, string value) in Pairs(rest, change))
                    (config.Labels ??= new(StringComparer.Ordinal))[key] = value;
                break;
            case "EXPOSE":
                AddAll(config.ExposedPorts ??= [], Words(rest, change).Select(port => Port(port, change)));
                break;
            case "VOLUME":
                AddAll(config.Volumes ??= [], List(rest) ?? Words(rest, change));
                break;
            case "USER":
                config.User = rest;
                break;
            case "WORKDIR":
                config.WorkingDir = rest.StartsWith('/') ? rest : $"{(config.WorkingDir ?? "").TrimEnd('/')}/{rest}";
                break;
            case "STOPSIGNAL":
                config.StopSignal = rest;
                break;
            case "ONBUILD":
                (config.OnBuild ??= []).Add(rest);
                break;
            case "HEALTHCHECK":
                config.Healthcheck = Healthcheck(config, rest, change);
                break;
            default:
                throw Invalid(change, "it is none of CMD, ENTRYPOINT, ENV, EXPOSE, HEALTHCHECK, LABEL, ONBUILD, SHELL, STOPSIGNAL, USER, VOLUME and WORKDIR");
        }
    }

    /// <summary>A JSON list as it is, anything else for the shell.</summary>
    private static List<string> Command(ImageExecution config, string text, string change) => text.StartsWith('[')
        ? List(text) ?? throw Invalid(change, "what begins with [ must be a JSON list of strings")
        : [.. config.Shell ?? ["/bin/sh", "-c"], text];

    private static List<string>? List(string text)
    {
        if (!text.StartsWith('['))
            return null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return [.. document.RootElement.EnumerateArray().Select(static one => one.GetString() ?? "")];
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary><c>KEY=VALUE KEY=VALUE</c>, or <c>KEY VALUE</c> with the rest of the line for its value.</summary>
    private static List<(string Key, string Value)> Pairs(string text, string change)
    {
        List<string> words = Words(text, change);
        if (!words[0].Contains('=', StringComparison.Ordinal))
        {
            int blank = text.AsSpan().IndexOfAny(' ', '\t');
            return blank > 0 ? [(text[..blank], text[blank..].Trim())] : throw Invalid(change, "write KEY=VALUE");
        }
        return words.ConvertAll(word =>
        {
            int equals = word.IndexOf('=', StringComparison.Ordinal);
            return equals > 0 ? (word[..equals], word[(equals + 1)..]) : throw Invalid(change, "write KEY=VALUE");
        });
    }

    private static List<string> Words(string text, string change)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        char quote = '\0';
        bool any = false;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '\\' && quote != '\'' && i + 1 < text.Length)
                _ = word.Append(text[++i]);
            else if (quote != '\0' && c == quote)
                quote = '\0';
            else if (quote == '\0' && c is ('"' or '\''))
                (quote, any) = (c, true);
            else if (quote == '\0' && c is (' ' or '\t'))
                Flush();
            else
                _ = word.Append(c);
        }
        if (quote != '\0')
            throw Invalid(change, "a quote is not closed");
        Flush();
        return words;

        void Flush()
        {
            if (word.Length > 0 || any)
                words.Add(word.ToString());
            _ = word.Clear();
            any = false;
        }
    }

    private static string Port(string text, string change)
    {
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        string[] range = (slash < 0 ? text : text[..slash]).Split('-');
        bool valid = range.Length <= 2 && Array.TrueForAll(range, static port => ushort.TryParse(port, System.Globalization.NumberStyles.None, null, out _))
            && (slash < 0 || text[(slash + 1)..] is "tcp" or "udp" or "sctp");
        return valid ? slash < 0 ? text + "/tcp" : text : throw Invalid(change, "write PORT or PORT/tcp");
    }

    private static ImageHealthcheck Healthcheck(ImageExecution config, string text, string change)
    {
        if (text.Equals("NONE", StringComparison.OrdinalIgnoreCase))
            return new ImageHealthcheck { Test = ["NONE"] };
        return text.StartsWith("CMD ", StringComparison.OrdinalIgnoreCase)
            ? new ImageHealthcheck { Test = List(text[4..].Trim()) is { } list ? ["CMD", .. list] : ["CMD-SHELL", text[4..].Trim()], Interval = config.Healthcheck?.Interval ?? 0 }
            : throw Invalid(change, "write HEALTHCHECK CMD … or HEALTHCHECK NONE");
    }

    private static void Set(List<string> environment, string key, string value)
    {
        int index = environment.FindIndex(entry => entry.StartsWith(key + "=", StringComparison.Ordinal));
        if (index >= 0)
            environment[index] = $"{key}={value}";
        else
            environment.Add($"{key}={value}");
    }

    private static void AddAll(List<string> list, IEnumerable<string> more) => list.AddRange(more.Where(one => !list.Contains(one)).ToArray());

    private static StorageException Invalid(string change, string why) => new(StorageErrorKind.InvalidArgument, $"the change \"{Printable.Excerpt(change, 100)}\" cannot be made: {why}");
}
