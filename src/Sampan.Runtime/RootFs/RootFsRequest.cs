using Sampan.Kernel;
using Sampan.Kernel.Children;
using Sampan.Oci;
using Sampan.Runtime.Cgroups;
using Sampan.Runtime.Namespaces;

namespace Sampan.Runtime.RootFs;

/// <summary>What the root file system of one container is made from.</summary>
/// <param name="Spec">The container's configuration.</param>
/// <param name="Bundle">The bundle's absolute path, from which relative sources start.</param>
/// <param name="RootPath">The root file system's absolute path.</param>
/// <param name="Namespaces">The container's namespaces.</param>
/// <param name="Layout">The machine's control groups.</param>
/// <param name="Cgroup">The container's own, or null where it has none.</param>
/// <param name="NoPivot">Whether the root is moved onto <c>/</c> and entered by chroot instead of pivot_root (a root on a ramdisk).</param>
internal sealed record RootFsRequest(
    Spec Spec, string Bundle, string RootPath, NamespacePlan Namespaces, CgroupLayout Layout, Cgroup? Cgroup, bool NoPivot)
{
    /// <summary>
    /// Whether the runtime itself clones bind sources before the child exists. It can where it has the rights; the container's root in a user
    /// namespace may not even be able to look up the source. A rootless runtime leaves it to the child, which has rights in its own namespace.
    /// </summary>
    public bool RuntimeClonesTrees { get; } = Privileged;

    /// <summary>Whether the mounts are made in a mount namespace of the container's own; else they are the host's, below the container's root.</summary>
    public bool HasOwnMounts => Namespaces.Has(CloneFlags.NewMount);

    /// <summary>Whether the runtime has the rights of root on this machine.</summary>
    public static bool Privileged { get; } = Syscalls.GetEuid() == 0 && !InUserNamespace;

    /// <summary>Whether the runtime itself runs in a user namespace that is not the first: then the map of its uids is not the whole range.</summary>
    public static bool InUserNamespace
    {
        get
        {
            using FileDescriptor map = Syscalls.Open("/proc/self/uid_map", OpenFlags.ReadOnly);
            Span<byte> text = stackalloc byte[64];
            int length = Math.Max(0, Syscalls.TryRead(map, text));
            return text[..length].IndexOf("4294967295"u8) < 0;
        }
    }
}
