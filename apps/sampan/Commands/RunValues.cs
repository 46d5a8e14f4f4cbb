using System.Text;
using Sampan.Engine;
using Sampan.Engine.Containers;
using Sampan.Kernel;
using Sampan.Oci;

namespace Sampan.Command.Commands;

/// <summary>Values of <c>run</c>'s options, from text to what the engine takes.</summary>
internal static class RunValues
{
    private const int MaxEnvironmentFile = 4 << 20;

    private static readonly string[] s_bindOptions = ["ro", "rw", "private", "rprivate", "shared", "rshared", "slave", "rslave", "nosuid", "suid", "nodev", "dev", "noexec", "exec", "noatime"];

    public static long? Bytes(string option, string? text) => text is null ? null : Quantities.Bytes(option, text);

    public static long? Whole(string option, string? text, long min, long max) => text is null ? null : Quantities.Whole(option, text, min, max);

    /// <summary>A list of processors: numbers and ranges.</summary>
    public static string? CpuList(string option, string? text)
    {
        if (text is null)
            return null;
        bool valid = text.Length > 0 && text.Split(',').All(static part => part.Split('-') is { Length: 1 or 2 } ends && ends.All(static end => end.Length is > 0 and < 6 && end.All(char.IsAsciiDigit)));
        return valid ? text : throw new EngineException(ErrorKind.InvalidArgument, $"{option} \"{Printable.Escape(text)}\" is not a list such as 0-2,4");
    }

    /// <summary>When the image is pulled.</summary>
    public static PullPolicy Policy(string? text) => text switch
    {
        null or "missing" => PullPolicy.Missing,
        "always" => PullPolicy.Always,
        "never" => PullPolicy.Never,
        _ => throw new EngineException(ErrorKind.InvalidArgument, $"--pull \"{Printable.Escape(text)}\" is not known: missing, always or never"),
    };

    public static bool IsHost(string option, string? text) => text switch
    {
        null or "" or "private" => false,
        "host" => true,
        _ => throw new EngineException(ErrorKind.InvalidArgument, $"{option} \"{Printable.Escape(text)}\" is not known: host or private"),
    };

    /// <summary>The lines of environment files: <c>NAME=value</c> or <c>NAME</c>; empty lines and those that begin with # say nothing.</summary>
    public static IEnumerable<string> EnvironmentFiles(string[]? files)
    {
        foreach (string file in files ?? [])
        {
            Errno error = GivenFile.TryRead(file, MaxEnvironmentFile, out byte[] content);
            if (error != Errno.None)
                throw new EngineException(ErrorKind.InvalidArgument, $"the environment file \"{Printable.Escape(file)}\" cannot be read: {KernelException.Describe(error)}");
            foreach (string line in Encoding.UTF8.GetString(content).Split('\n'))
            {
                string trimmed = line.TrimEnd('\r').TrimStart();
                if (trimmed.Length > 0 && trimmed[0] != '#')
                    yield return trimmed;
            }
        }
    }

    public static List<MountOption> Mounts(string[]? volumes, string[]? tmpfs, string[]? mounts)
    {
        var all = new List<MountOption>();
        foreach (string text in volumes ?? [])
            all.Add(Volume(text));
        foreach (string text in tmpfs ?? [])
        {
            string[] parts = text.Split(':', 2);
            all.Add(Tmpfs(parts[0], parts.Length > 1 ? parts[1].Split(',') : []));
        }
        foreach (string text in mounts ?? [])
            all.Add(Mount(text));
        return all;
    }

    private static MountOption Volume(string text)
    {
        string[] parts = text.Split(':');
        if (parts.Length is < 2 or > 3 || parts[0].Length == 0 || parts[1].Length == 0)
            throw Wrong("--volume", text, parts.Length == 1 ? "volumes without a source come with a later version; write SOURCE:TARGET" : "write SOURCE:TARGET[:OPTIONS]");
        if (!parts[0].Contains('/', StringComparison.Ordinal) && parts[0] is not ("." or ".."))
            throw Wrong("--volume", text, "named volumes come with a later version; for a directory write its path (./NAME)");
        var options = new List<string> { "rbind" };
        foreach (string option in parts.Length > 2 ? parts[2].Split(',') : [])
        {
            if (option is "z" or "Z" or "cached" or "delegated" or "consistent" or "")
                continue; // relabelling has no meaning without SELinux, the others are for Docker's desktop
            options.Add(s_bindOptions.Contains(option) ? option : throw Wrong("--volume", text, $"the option \"{Printable.Escape(option)}\" is not known"));
        }
        if (!options.Exists(static option => option.EndsWith("private", StringComparison.Ordinal) || option.EndsWith("shared", StringComparison.Ordinal) || option.EndsWith("slave", StringComparison.Ordinal)))
            options.Add("rprivate");
        return new MountOption("bind", Path.GetFullPath(parts[0]), parts[1], options, MakeSource: true);
    }

    private static MountOption Tmpfs(string target, IEnumerable<string> options)
    {
        List<string> given = [.. options.Where(static option => option.Length > 0)];
        List<string> defaults = ["nosuid", "nodev", "noexec"];
        _ = defaults.RemoveAll(option => given.Contains(option[2..]));
        return new MountOption("tmpfs", "", target, [.. defaults, .. given], MakeSource: false);
    }

    private static MountOption Mount(string text)
    {
        string type = "volume", source = "", target = "";
        var options = new List<string>();
        var tmpfs = new List<string>();
        foreach (string part in text.Split(','))
        {
            string[] pair = part.Split('=', 2);
            string value = pair.Length > 1 ? pair[1] : "";
            switch (pair[0])
            {
                case "type":
                    type = value;
                    break;
                case "source" or "src":
                    source = value;
                    break;
                case "target" or "dst" or "destination":
                    target = value;
                    break;
                case "readonly" or "ro" when value is "" or "true" or "1":
                    options.Add("ro");
                    break;
                case "readonly" or "ro" when value is "false" or "0":
                    break;
                case "bind-propagation" when s_bindOptions.Contains(value):
                    options.Add(value);
                    break;
                case "tmpfs-size":
                    tmpfs.Add($"size={Quantities.Bytes("tmpfs-size", value)}");
                    break;
                case "tmpfs-mode":
                    tmpfs.Add($"mode={value}");
                    break;
                default:
                    throw Wrong("--mount", text, $"\"{Printable.Escape(part)}\" is not known");
            }
        }
        if (target.Length == 0)
            throw Wrong("--mount", text, "target=… is missing");
        return type switch
        {
            "bind" when source.StartsWith('/') => new MountOption("bind", Path.GetFullPath(source), target, ["rbind", .. options, .. options.Exists(static one => one != "ro") ? Array.Empty<string>() : ["rprivate"]], MakeSource: false),
            "bind" => throw Wrong("--mount", text, "source must be an absolute path"),
            "tmpfs" => Tmpfs(target, [.. options, .. tmpfs]),
            _ => throw Wrong("--mount", text, $"type \"{Printable.Escape(type)}\" is not there yet: bind and tmpfs are"),
        };
    }

    private static EngineException Wrong(string option, string text, string why) => new(ErrorKind.InvalidArgument, $"{option} \"{Printable.Escape(text)}\": {why}");
}
