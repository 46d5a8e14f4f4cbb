using Sampan.Kernel;
using Sampan.Oci;
using Sampan.Runtime.Namespaces;

namespace Sampan.Runtime.RootFs;

/// <summary>Detached copies of the host's mounts, made by the runtime before the child exists (open_tree(2) with OPEN_TREE_CLONE).</summary>
internal static class BindTree
{
    /// <summary>Opens the place on the host that is to be shown in the container.</summary>
    /// <exception cref="RuntimeException">It is not there.</exception>
    public static FileDescriptor OpenSource(string source, bool noFollow, string destination)
    {
        Errno error = Syscalls.TryOpenAt(Syscalls.WorkingDirectory, source, OpenFlags.Path | (noFollow ? OpenFlags.NoFollow : 0), 0, out FileDescriptor? place);
        return place ?? throw new RuntimeException($"mounts: cannot open {source}, the source of the bind mount at {destination}: {KernelException.Describe(error)}", RuntimeErrorKind.InvalidArgument);
    }

    /// <summary>Clones the tree at an open place.</summary>
    public static FileDescriptor Clone(FileDescriptor place, string source, bool recursive)
    {
        OpenTreeFlags flags = OpenTreeFlags.Clone | OpenTreeFlags.EmptyPath | (recursive ? OpenTreeFlags.Recursive : 0);
        Errno error = Syscalls.TryOpenTree(place, "", flags, out FileDescriptor? tree);
        return tree ?? throw new KernelException($"open_tree(\"{source}\", {flags})", error);
    }

    /// <summary>Gives a detached tree its attributes, its propagation, and its id map.</summary>
    public static void SetAttributes(FileDescriptor tree, MountOptions options, ulong defaultPropagation, Mount mount, Linux? linux)
    {
        if (defaultPropagation != 0)
            Syscalls.MountSetAttr(tree, "", recursive: true, MountAttributes.None, propagation: (MountFlags)defaultPropagation);
        if ((options.Set | options.Clear) != 0)
            Syscalls.MountSetAttr(tree, "", recursive: false, (MountAttributes)options.Set, (MountAttributes)options.Clear);
        if ((options.RecursiveSet | options.RecursiveClear) != 0)
            Syscalls.MountSetAttr(tree, "", recursive: true, (MountAttributes)options.RecursiveSet, (MountAttributes)options.RecursiveClear);
        foreach ((ulong flag, bool recursive) in options.Propagation)
            Syscalls.MountSetAttr(tree, "", recursive, MountAttributes.None, propagation: (MountFlags)flag);
        if (options.IdMap || mount.UidMappings is { Count: > 0 })
            SetIdMap(tree, options, mount, linux);
    }

    private static void SetIdMap(FileDescriptor tree, MountOptions options, Mount mount, Linux? linux)
    {
        List<LinuxIdMapping>? uids = mount.UidMappings ?? linux?.UidMappings;
        List<LinuxIdMapping>? gids = mount.GidMappings ?? linux?.GidMappings;
        if (uids is null || gids is null || uids.Count == 0 || gids.Count == 0)
            throw new RuntimeException($"mounts: the idmapped mount at {mount.Destination} has no uidMappings and gidMappings, and the container has none either", RuntimeErrorKind.InvalidArgument);
        using UserNamespaceHolder holder = UserNamespaceHolder.Make(uids, gids);
        try
        {
            Syscalls.MountSetAttr(tree, "", options.RecursiveIdMap, MountAttributes.IdMap, userNamespace: holder.File);
        }
        catch (KernelException error) when (error.Errno is Errno.EINVAL or Errno.EPERM)
        {
            throw new RuntimeException($"mounts: the file system of {mount.Source} cannot be idmapped for the mount at {mount.Destination} ({error.Errno})", RuntimeErrorKind.Failed, error);
        }
    }
}
