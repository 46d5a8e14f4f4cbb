using Sampan.Kernel;
using Sampan.Oci;

namespace Sampan.Runtime.Namespaces;

/// <summary>Whether a namespace that a container joins by its path is the runtime's own, so that a setting for the container would be one for the host.</summary>
internal static class OwnNamespaces
{
    /// <summary>Refuses kernel parameters of a namespace that the container shares with the runtime through linux.namespaces[].path.</summary>
    /// <exception cref="RuntimeException">One is set; or the namespace's file cannot be looked at.</exception>
    public static void CheckSysctl(Linux? linux)
    {
        if (linux?.Sysctl is not { Count: > 0 } settings)
            return;
        foreach (string name in settings.Keys)
        {
            string? type = Sysctl.PathOf(name) is { } path ? Sysctl.NamespaceOf(path) : null;
            if (type is not null && PathOf(linux.Namespaces, type) is { } joined && IsOwn(type, joined))
                throw new RuntimeException($"linux.sysctl: \"{name}\" is not allowed in the host's {type} namespace, which linux.namespaces joins as {joined}", RuntimeErrorKind.InvalidArgument);
        }
    }

    private static string? PathOf(List<LinuxNamespace>? namespaces, string type)
    {
        foreach (LinuxNamespace one in namespaces ?? [])
        {
            if (one.Type == type)
                return string.IsNullOrEmpty(one.Path) ? null : one.Path;
        }
        return null;
    }

    /// <summary>Two files of nsfs are one namespace if they are one inode.</summary>
    private static bool IsOwn(string type, string path)
    {
        using FileDescriptor own = Syscalls.Open($"/proc/self/ns/{NamespacePlan.FileOf(type)}", OpenFlags.ReadOnly);
        Errno error = Syscalls.TryOpenAt(Syscalls.WorkingDirectory, path, OpenFlags.ReadOnly, 0, out FileDescriptor? other);
        if (other is null)
            throw new RuntimeException($"linux.namespaces: cannot open the {type} namespace {path}: {KernelException.Describe(error)}", RuntimeErrorKind.InvalidArgument);
        using (other)
        {
            FileStatus mine = Syscalls.Stat(own);
            FileStatus theirs = Syscalls.Stat(other);
            return mine.Inode == theirs.Inode && mine.FileSystem == theirs.FileSystem;
        }
    }
}
