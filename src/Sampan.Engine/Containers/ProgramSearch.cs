using Sampan.Kernel;
using Sampan.Oci;

namespace Sampan.Engine.Containers;

/// <summary>Looks for a process's program in a root file system, as execvp(3) would, but inside the root.</summary>
internal static class ProgramSearch
{
    /// <summary>What keeps the program from being executed: <see cref="ErrorKind.Failed"/> where nothing does that can be seen from here.</summary>
    /// <param name="rootFs">The root.</param>
    /// <param name="process">The process.</param>
    /// <param name="mounts">What will be mounted over the root and hides it; paths below are not judged.</param>
    public static ErrorKind Find(string rootFs, Process process, IReadOnlyList<Mount> mounts)
    {
        using RootDirectory root = RootDirectory.Open(rootFs);
        ErrorKind worst = ErrorKind.ExecutableNotFound;
        foreach (string path in Candidates(process))
        {
            if (mounts.Any(mount => path == mount.Destination || path.StartsWith(mount.Destination + "/", StringComparison.Ordinal)))
                return ErrorKind.Failed;
            if (root.TryOpenInRoot(path, OpenFlags.Path, 0, out FileDescriptor? file) != Errno.None)
                continue;
            using (file)
            {
                FileStatus status = Syscalls.Stat(file!);
                if (status.IsRegular && (status.Mode & 0x49) != 0)
                    return ErrorKind.Failed;
                worst = ErrorKind.ExecutableNotAllowed;
            }
        }
        return worst;
    }

    private static IEnumerable<string> Candidates(Process process)
    {
        string program = process.Args![0];
        if (program.StartsWith('/'))
            return [program];
        if (program.Contains('/', StringComparison.Ordinal))
            return [$"{process.Cwd.TrimEnd('/')}/{program}"];
        string path = process.Env?.LastOrDefault(static entry => entry.StartsWith("PATH=", StringComparison.Ordinal))?[5..] ?? "";
        return path.Split(':').Where(static directory => directory.StartsWith('/')).Select(directory => $"{directory.TrimEnd('/')}/{program}");
    }
}
