using Sampan.Kernel;
using Sampan.Kernel.Children;
using Sampan.Oci;
using Sampan.Runtime.Cgroups;
using Sampan.Runtime.Launch;

namespace Sampan.Runtime.RootFs;

/// <summary>
/// Compiles a mount of type <c>cgroup</c>, which means what the machine has: one cgroup2 file system, or a tmpfs with a directory for each hierarchy
/// of version 1. In a cgroup namespace the container mounts the hierarchies itself and sees its own cgroup as their root; without one it gets
/// its own cgroup's directories by bind mounts.
/// </summary>
internal sealed class CgroupMountProgram(ChildContext context, RootFsRequest request, MountProgram mounts)
{
    private readonly ChildProgram _program = context.Program;
    private readonly bool _ownNamespace = request.Namespaces.Has(CloneFlags.NewCgroup);

    public void Add(Mount mount, MountOptions options, string path)
    {
        string what = $"the cgroup mount at {mount.Destination}";
        if (request.Layout.Version == CgroupVersion.V2 || mount.Type == "cgroup2")
            Hierarchy(request.Layout.Unified!, "cgroup2", [], new Place(mounts.Root, path, IsNew: false), options.Set, what);
        else
            Legacy(path, options, what);
    }

    private void Legacy(string path, MountOptions options, string what)
    {
        ChildRegister tree = mounts.NewFileSystem("tmpfs", "tmpfs", ["mode=755"], options.Set & ~MountOptions.ReadOnly, what);
        mounts.Attach(tree, path, directory: true, what);
        ChildRegister top = TargetProgram.Open(_program, mounts.Root, path, directory: true, what);
        foreach (CgroupHierarchy hierarchy in request.Layout.Legacy)
        {
            string controllers = string.Join(',', hierarchy.Controllers);
            string directory = hierarchy.IsNamed ? hierarchy.Controllers[0]["name=".Length..] : controllers;
            Hierarchy(hierarchy, "cgroup", hierarchy.IsNamed ? ["none", controllers] : hierarchy.Controllers, new Place(top, directory, IsNew: true), options.Set, what);
            if (!hierarchy.IsNamed && hierarchy.Controllers.Length > 1)
                Links(top, directory, hierarchy.Controllers, what);
        }
        if (request.Layout.Unified is { } unified)
            Hierarchy(unified, "cgroup2", [], new Place(top, "unified", IsNew: true), options.Set, what);
        if ((options.Set & MountOptions.ReadOnly) != 0)
            _ = _program.MountSetAttr($"{what}: make it read-only", top, MountOptions.ReadOnly, 0, 0, recursive: false);
        _ = _program.Close(top);
    }

    private void Hierarchy(CgroupHierarchy hierarchy, string type, string[] data, Place place, ulong attributes, string what)
    {
        FileDescriptor? own = OpenOwn(hierarchy, attributes);
        if (!_ownNamespace)
        {
            Bind(own, place, what);
            return;
        }
        ChildLabel denied = _program.NewLabel();
        ChildLabel done = _program.NewLabel();
        ChildRegister tree = mounts.NewFileSystem(type, "cgroup", data, attributes, what, denied);
        Attach(tree, place, what);
        _ = _program.Close(tree);
        _program.Jump(done);
        _program.Mark(denied); // a user namespace that does not own the cgroup namespace's hierarchy may not mount it
        Bind(own, place, what);
        _program.Mark(done);
    }

    private void Bind(FileDescriptor? own, Place place, string what)
    {
        if (own is not null)
            Attach(own, place, what);
    }

    private void Attach(ChildValue tree, Place place, string what)
    {
        ChildRegister target = place.IsNew ? TargetProgram.Make(_program, place.Parent, place.Path, what) : TargetProgram.Open(_program, place.Parent, place.Path, directory: true, what);
        _ = _program.MoveMount(what, tree, target);
        _ = _program.Close(target);
    }

    /// <summary>A detached copy of the container's own directory in a hierarchy; null where the runtime has no right to make one.</summary>
    private FileDescriptor? OpenOwn(CgroupHierarchy hierarchy, ulong attributes)
    {
        if (!request.RuntimeClonesTrees)
            return null;
        string directory = DirectoryOfContainer(hierarchy) ?? hierarchy.OwnDirectory;
        Errno error = Syscalls.TryOpenTree(Syscalls.WorkingDirectory, directory, OpenTreeFlags.Clone, out FileDescriptor? tree);
        if (tree is null)
            throw new KernelException($"open_tree(\"{directory}\", OPEN_TREE_CLONE)", error);
        Syscalls.MountSetAttr(tree, "", recursive: false, (MountAttributes)attributes, propagation: MountFlags.Private);
        return context.Inherit(tree);
    }

    private string? DirectoryOfContainer(CgroupHierarchy hierarchy)
    {
        if (request.Cgroup is null)
            return null;
        if (hierarchy == request.Layout.Unified)
            return request.Cgroup.State.UnifiedPath;
        return request.Cgroup.State.Paths.GetValueOrDefault(hierarchy.Controllers[0]);
    }

    /// <summary>Mounted together as cpu,cpuacct, found by programs as cpu and as cpuacct.</summary>
    private void Links(ChildRegister top, string target, string[] controllers, string what)
    {
        foreach (string controller in controllers)
            _ = _program.SymlinkAt($"{what}: link {controller}", target, top, controller).Ignore(Errno.EEXIST);
    }

    /// <summary>Where a hierarchy is mounted: a path in the root, or a directory that does not exist yet in the new tmpfs that holds them all.</summary>
    private readonly record struct Place(ChildValue Parent, string Path, bool IsNew);
}
