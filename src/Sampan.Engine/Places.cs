using Sampan.Kernel;
using Sampan.Oci;

namespace Sampan.Engine;

/// <summary>
/// Where one engine keeps its files. Two roots are two engines that know nothing of each other.
/// </summary>
/// <param name="Root">Images, layers, containers: what survives a reboot.</param>
/// <param name="RunRoot">Sockets and the runtime's state: what a reboot forgets.</param>
public sealed record Places(string Root, string RunRoot)
{
    /// <summary>
    /// The places by option, variable, and default: <c>--root</c>, else <c>SAMPAN_ROOT</c>, else <c>/var/lib/sampan</c> for root and
    /// <c>$XDG_DATA_HOME/sampan</c> for others; <c>--run-root</c>, else <c>ROOT/run</c> when a root was named, else <c>/run/sampan</c> or
    /// <c>$XDG_RUNTIME_DIR/sampan</c>.
    /// </summary>
    /// <exception cref="EngineException">A user without XDG_RUNTIME_DIR gave no place.</exception>
    public static Places Choose(string? root, string? runRoot, uint uid)
    {
        root ??= Environment.GetEnvironmentVariable("SAMPAN_ROOT") is { Length: > 0 } variable ? variable : null;
        if (runRoot is null && root is not null)
            runRoot = Path.Combine(root, "run");
        if (root is null)
            root = uid == 0 ? "/var/lib/sampan" : Path.Combine(Environment.GetEnvironmentVariable("XDG_DATA_HOME") ?? Path.Combine(Home(), ".local/share"), "sampan");
        if (runRoot is null)
        {
            string? runtime = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
            runRoot = uid == 0 ? "/run/sampan" : runtime is { Length: > 0 }
                ? Path.Combine(runtime, "sampan")
                : throw new EngineException(ErrorKind.InvalidArgument, "XDG_RUNTIME_DIR is not set, so there is no place for sockets; set it or give --run-root DIR");
        }
        return new Places(Path.GetFullPath(root), Path.GetFullPath(runRoot));
    }

    /// <summary>A directory for files that live only while a command runs.</summary>
    public string Scratch => Path.Combine(Root, "tmp");

    /// <summary>One directory for each container, named by its id.</summary>
    public string Containers => Path.Combine(Root, "containers");

    /// <summary>One link for each name of a container, to its id.</summary>
    public string Names => Path.Combine(Root, "names");

    /// <summary>One file for each container that is being made or removed just now.</summary>
    public string Unfinished => Path.Combine(Root, "unfinished");

    /// <summary>The OCI runtime's state directory.</summary>
    public string RuntimeState => Path.Combine(RunRoot, "runtime");

    /// <summary>A container's sockets.</summary>
    public string RunDirectory(string id) => Path.Combine(RunRoot, "containers", id);

    /// <summary>Eight hexadecimal digits that differ from root to root: names in the kernel carry them.</summary>
    public string Hash => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(Root)))[..8];

    /// <summary>Makes both places where they are missing.</summary>
    /// <exception cref="EngineException">One cannot be made.</exception>
    internal void Make()
    {
        foreach ((string option, string place) in (ReadOnlySpan<(string, string)>)[("--root", Root), ("--run-root", RunRoot)])
        {
            try
            {
                HostDirectory.Ensure(place);
            }
            catch (KernelException cause)
            {
                throw new EngineException(ErrorKind.Failed, $"the directory \"{Printable.Escape(place)}\" cannot be made: {KernelException.Describe(cause.Errno)}; choose another with {option}", cause);
            }
        }
    }

    private static string Home() => Environment.GetEnvironmentVariable("HOME") ?? "/";
}
