using Sampan.Kernel;
using Sampan.Oci;

namespace Sampan.Runtime.RootFs;

/// <summary>
/// The mounts of a container that has no mount namespace of its own (config-linux.md, "Namespaces": it inherits the runtime's): they are made on the
/// host, all below one mount on top of the root file system, and do not go with the last process as others do. What lay there before is
/// recorded before the first is made, so that <c>delete</c> takes away exactly what lies above it.
/// </summary>
internal static class HostMounts
{
    /// <summary>Whether the configuration asks for any.</summary>
    public static bool AreNeeded(Spec spec) => spec.Mounts is { Count: > 0 } || spec.Root!.Readonly || spec.Process!.Terminal;

    /// <summary>The number of the mount that a path is in.</summary>
    public static ulong MountOf(string path)
    {
        using FileDescriptor place = Syscalls.Open(path, OpenFlags.Path | OpenFlags.Directory);
        return Syscalls.Stat(place).MountId;
    }

    /// <summary>Takes away what lies above the mount that was there before; with it go all mounts in it.</summary>
    public static void Remove(string path, ulong before)
    {
        const int Most = 8; // a create makes one; each further one is somebody else's, and there are not many
        for (int i = 0; i < Most && Syscalls.TryOpenAt(Syscalls.WorkingDirectory, path, OpenFlags.Path | OpenFlags.Directory, 0, out FileDescriptor? place) == Errno.None; i++)
        {
            FileStatus status;
            using (place)
                status = Syscalls.Stat(place!);
            if (status.MountId == before || !status.IsMountRoot)
                return;
            Errno error = Syscalls.TryUmount2(path, UnmountFlags.Detach | UnmountFlags.NoFollow);
            if (error != Errno.None)
                throw new RuntimeException($"cannot unmount {path}, the container's root in the host's mount namespace: {KernelException.Describe(error)}");
        }
    }
}
