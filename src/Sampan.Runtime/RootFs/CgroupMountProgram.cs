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
    private readonly bool _ownNamespace = request.Namespaces.Has(CloneFlags.NewCgroup);

    public void Add(Mount mount, MountOptions options, string path)
    {
        string what = $"the cgroup mount at {mount.Destination}";
        if (request.Layout.Version == CgroupVersion.V2 || mount.Type == "cgroup2")
            Unified(request.Layout.Unified!, path, options.Set, what);
        else
            Legacy(path, options, what);
    }

    private void Unified(CgroupHierarchy hierarchy, string path, ulong attributes, string what) =>
        Hierarchy(hierarchy, "cgroup2", [], path, attributes, what);

    private void Legacy(string path, MountOptions options, string what)
    {
        ChildProgram program = context.Program;
        ChildRegister top = mounts.NewFileSystem("tmpfs", "tmpfs", ["mode=755"], options.Set & ~MountOptions.ReadOnly, what);
        mounts.Attach(top, path, directory: true, what);
        foreach (CgroupHierarchy hierarchy in request.Layout.Legacy)
        {
            string controllers = string.Join(',', hierarchy.Controllers);
            string directory = hierarchy.IsNamed ? hierarchy.Controllers[0]["name=".Length..] : controllers;
            string[] data = hierarchy.IsNamed ? ["none", controllers] : [.. hierarchy.Controllers];
            Hierarchy(hierarchy, "cgroup", hierarchy.IsNamed ? [data[0], controllers] : data, $"{path}/{directory}", options.Set, what);
            if (!hierarchy.IsNamed && hierarchy.Controllers.Length > 1)
                Links(program, path, directory, hierarchy.Controllers, what);
        }
        if (request.Layout.Unified is { } unified)
            Hierarchy(unified, "cgroup2", [], $"{path}/unified", options.Set, what);
        if ((options.Set & MountOptions.ReadOnly) != 0)
            mounts.MakeReadOnly(path, what);
    }

    private void Hierarchy(CgroupHierarchy hierarchy, string type, string[] data, string path, ulong attributes, string what)
    {
        ChildProgram program = context.Program;
        FileDescriptor? own = OpenOwn(hierarchy);
        if (!_ownNamespace)
        {
            Bind(own, path, attributes, what);
            return;
        }
        ChildLabel denied = program.NewLabel();
        ChildLabel done = program.NewLabel();
        ChildRegister tree = mounts.NewFileSystem(type, "cgroup", data, attributes, what, denied);
        mounts.Attach(tree, path, directory: true, what);
        program.Jump(done);
        program.Mark(denied); // a user namespace that does not own the cgroup namespace's hierarchy may not mount it
        Bind(own, path, attributes, what);
        program.Mark(done);
    }

    private void Bind(FileDescriptor? own, string path, ulong attributes, string what)
    {
        if (own is null)
            return;
        if (attributes != 0)
            _ = context.Program.MountSetAttr(what, own, attributes, 0, 0, recursive: false);
        mounts.Attach(own, path, directory: true, what);
    }

    /// <summary>A detached copy of the container's own directory in a hierarchy; null where the runtime has no right to make one.</summary>
    private FileDescriptor? OpenOwn(CgroupHierarchy hierarchy)
    {
        if (!request.RuntimeClonesTrees)
            return null;
        string directory = DirectoryOfContainer(hierarchy) ?? hierarchy.OwnDirectory;
        Errno error = Syscalls.TryOpenTree(Syscalls.WorkingDirectory, directory, OpenTreeFlags.Clone, out FileDescriptor? tree);
        if (tree is null)
            throw new KernelException($"open_tree(\"{directory}\", OPEN_TREE_CLONE)", error);
        Syscalls.MountSetAttr(tree, "", recursive: false, MountAttributes.None, propagation: MountFlags.Private);
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
    private void Links(ChildProgram program, string path, string target, string[] controllers, string what)
    {
        ChildRegister top = TargetProgram.Open(program, mounts.Root, path, directory: true, what);
        foreach (string controller in controllers)
            _ = program.SymlinkAt($"{what}: link {controller}", target, top, controller).Ignore(Errno.EEXIST);
        _ = program.Close(top);
    }
}
