namespace Sampan.Tests.Conformance;

/// <summary>
/// The OCI runtime that the engines are told to use: the file that <c>SAMPAN_RUNTIME</c> names (Debian's <c>/usr/sbin/runc</c> shows that a test
/// itself is right), else <c>out/bin/sampan-runtime</c> of this repository, which <c>./build.sh</c> makes.
/// </summary>
public static class RuntimeUnderTest
{
    /// <summary>Absolute path of the runtime.</summary>
    /// <exception cref="FileNotFoundException">There is none; the message says how to make it.</exception>
    public static string Path { get; } = Find();

    /// <summary>Whether a containerd, dockerd or podman of another runtime is being imitated, so that its known faults are no failures of ours.</summary>
    public static bool IsSampan => System.IO.Path.GetFileName(Path) == "sampan-runtime";

    private static string Find()
    {
        string? named = Environment.GetEnvironmentVariable("SAMPAN_RUNTIME");
        if (!string.IsNullOrEmpty(named))
        {
            return File.Exists(named) ? System.IO.Path.GetFullPath(named) : throw new FileNotFoundException($"SAMPAN_RUNTIME names {named}, which is not there");
        }

        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Sampan.slnx")))
            {
                string built = System.IO.Path.Combine(folder.FullName, "out", "bin", "sampan-runtime");
                return File.Exists(built) ? built : throw new FileNotFoundException("out/bin/sampan-runtime is not there: run ./build.sh first");
            }
        }

        throw new FileNotFoundException($"no repository above {AppContext.BaseDirectory}: name the runtime in SAMPAN_RUNTIME");
    }
}
