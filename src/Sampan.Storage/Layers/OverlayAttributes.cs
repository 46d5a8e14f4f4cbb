using Sampan.Kernel;

namespace Sampan.Storage.Layers;

/// <summary>
/// The marks of overlayfs (kernel's Documentation/filesystems/overlayfs.rst), as everything that reads or writes a layer's directory needs them: whiteouts,
/// opaque directories, and the attributes that carry them. Their names begin with <c>trusted.overlay.</c>, which only the first user namespace may
/// write, or <c>user.overlay.</c> with the mount option <c>userxattr</c> in any other (Linux 5.11).
/// </summary>
public static class OverlayAttributes
{
    /// <summary>Whether this process is in a user namespace of its own.</summary>
    public static bool InUserNamespace { get; } = DetectUserNamespace();

    /// <summary>The mark of a directory that hides the lower ones, whose value is <c>y</c>.</summary>
    public static string Opaque { get; } = InUserNamespace ? "user.overlay.opaque" : "trusted.overlay.opaque";

    /// <summary>Whether a file is the mark of one that is deleted: a character device 0:0.</summary>
    public static bool IsWhiteout(FileStatus status) => status is { Type: FileType.Character, Device: { Major: 0, Minor: 0 } };

    /// <summary>Whether an open directory hides the lower ones.</summary>
    /// <exception cref="KernelException">The attribute could not be read.</exception>
    public static bool IsOpaque(FileDescriptor directory) => Syscalls.FGetXAttr(directory, Opaque) is [(byte)'y'];

    /// <summary>
    /// Whether an attribute is this host's matter and no part of a layer: overlayfs's own, which would redirect names to other directories, and what the
    /// host's security policy writes.
    /// </summary>
    public static bool IsHosts(string name) =>
        name.StartsWith("trusted.", StringComparison.Ordinal) || name.StartsWith("user.overlay.", StringComparison.Ordinal) || name is "security.selinux" or "security.ima" or "security.evm";

    private static bool DetectUserNamespace()
    {
        // The first namespace maps every id onto itself: "0 0 4294967295" (user_namespaces(7)).
        string[] fields = File.ReadAllText("/proc/self/uid_map").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return fields is not ["0", "0", "4294967295"];
    }
}
