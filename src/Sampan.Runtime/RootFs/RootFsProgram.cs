using Sampan.Kernel;
using Sampan.Kernel.Children;
using Sampan.Oci;
using Sampan.Runtime.Launch;

namespace Sampan.Runtime.RootFs;

/// <summary>
/// Compiles the container's root file system: its mount, everything mounted in it, devices, and the change of root. The runtime clones the root's tree
/// before the child exists; the child moves it on top of its copy of the host's root, works on it through that one descriptor, and enters it
/// by pivot_root on <c>.</c>, so that no path of the host is looked up after the first step.
/// </summary>
internal sealed class RootFsProgram
{
    private readonly ChildContext _context;
    private readonly ChildProgram _program;
    private readonly RootFsRequest _request;
    private readonly FileDescriptor _root;
    private readonly MountProgram _mounts;
    private readonly ulong _propagation;

    public RootFsProgram(ChildContext context, RootFsRequest request)
    {
        _context = context;
        _program = context.Program;
        _request = request;
        _propagation = MountOptions.PropagationOf(request.Spec.Linux?.RootfsPropagation);
        _root = context.Inherit(OpenRoot());
        _mounts = new MountProgram(context, request, _root);
    }

    /// <summary>The container's root.</summary>
    public FileDescriptor Root => _root;

    /// <summary>What paths of the configuration mean in it.</summary>
    public TargetPaths Paths => _mounts.Paths;

    /// <summary>Adds the steps up to the moment at which hooks look at the finished mounts from outside.</summary>
    public void AddMounts()
    {
        if (_request.HasOwnMounts)
            _ = _program.Mount("stop mounts from reaching the host", null, "/", null, MountOptions.Slave | (1 << 14));
        if (!_request.RuntimeClonesTrees)
            CloneRootInChild();
        // At its own path, as runc has it: hooks that enter the namespace (nsenter, libnvidia-container) look for root.path in it. Where a parent directory
        // of the bundle is closed to the container's user, onto / instead.
        if (_request.HasOwnMounts)
        {
            ChildLabel closed = _program.NewLabel(), mounted = _program.NewLabel();
            _ = AddRootMount(_request.RootPath).On(Errno.EACCES, closed);
            _program.Jump(mounted);
            _program.Mark(closed);
            _ = AddRootMount("/");
            _program.Mark(mounted);
        }
        else
        {
            _ = AddRootMount(_request.RootPath);
        }
        foreach (Mount mount in _request.Spec.Mounts ?? [])
            _mounts.Add(mount);
        if (_mounts.OwnsDev)
            new DeviceProgram(_context, _request, _mounts).Add();
    }

    /// <summary>Adds the steps that protect the root and enter it.</summary>
    public void AddPivot()
    {
        Linux? linux = _request.Spec.Linux;
        var masks = new MaskProgram(_context, _mounts);
        masks.MakeReadOnly(linux?.ReadonlyPaths ?? []);
        masks.Mask(linux?.MaskedPaths ?? []);
        _mounts.Finish();
        if (_request.Spec.Root!.Readonly)
            _ = _program.MountSetAttr("make the root file system read-only", _root, MountOptions.ReadOnly, 0, 0, recursive: false);
        _ = _program.FChDir("enter the root file system", _root);
        if (!_request.HasOwnMounts)
        {
            _ = _program.ChRoot("change the root", ".");
        }
        else if (_request.NoPivot)
        {
            HideHostProc();
            _ = _program.Mount("move the root file system onto /", ".", "/", null, 1 << 13).Ignore(Errno.ELOOP); // it is there already
            _ = _program.ChRoot("change the root", ".");
        }
        else
        {
            // The host's root lies on top of "." now, which umount2 climbs to and mount(2) does not. Its mounts are slaves since the first step of all, so
            // that no unmount reaches the host; those of the container keep the propagation that they were given.
            _ = _program.PivotRoot("pivot the root", ".", ".");
            _ = _program.Umount("unmount the host's root", ".", 2);
        }
        _ = _program.ChDir("enter the new root", "/");
        if (_propagation is not (0 or MountOptions.Slave))
            _ = _program.Mount("set linux.rootfsPropagation", null, "/", null, _propagation | (_request.Spec.Linux!.RootfsPropagation![0] == 'r' ? 1UL << 14 : 0));
    }

    /// <summary>
    /// After chroot the host's mounts stay in the namespace, and the kernel lets a container mount a whole /proc as long as it sees one whole /proc
    /// (mount_too_revealing): the host's procfs and sysfs mounts go, or are hidden below an empty tmpfs where they are locked.
    /// </summary>
    private void HideHostProc()
    {
        List<MountInfo> mounts = MountInfo.Read();
        for (int i = mounts.Count - 1; i >= 0; i--)
        {
            MountInfo mount = mounts[i];
            if (mount.FileSystemType is not ("proc" or "sysfs"))
                continue;
            ChildLabel hidden = _program.NewLabel();
            ChildRegister gone = _program.NewRegister();
            _ = _program.Umount($"hide the host's {mount.MountPoint}", mount.MountPoint, 2).IgnoreAll().Into(gone);
            _program.JumpIf(gone, ChildComparison.Equal, 0, hidden);
            _ = _program.Mount($"hide the host's {mount.MountPoint}", "tmpfs", mount.MountPoint, "tmpfs", 1).Ignore(Errno.ENOENT);
            _program.Mark(hidden);
        }
    }

    private ChildStep AddRootMount(string path) => _program.Call(
        "mount the root file system", SyscallNumbers.move_mount, _root, _program.Text(""), Syscalls.WorkingDirectory, _program.Text(path), 0x4);

    private FileDescriptor OpenRoot()
    {
        Errno error = Syscalls.TryOpenAt(Syscalls.WorkingDirectory, _request.RootPath, OpenFlags.Path | OpenFlags.Directory | OpenFlags.NoFollow, 0, out FileDescriptor? place);
        if (place is null)
        {
            string hint = error == Errno.ENOTDIR ? "; a symbolic link to a directory will not do, name the directory itself" : "";
            throw new RuntimeException($"root.path: cannot open the root file system {_request.RootPath}: {KernelException.Describe(error)}{hint}", RuntimeErrorKind.InvalidArgument);
        }
        if (!_request.RuntimeClonesTrees)
            return place;
        using (place)
        {
            FileDescriptor tree = BindTree.Clone(place, _request.RootPath, recursive: true);
            ulong propagation = _propagation is MountOptions.Shared ? 0 : MountOptions.Slave;
            if (propagation != 0)
                Syscalls.MountSetAttr(tree, "", recursive: true, MountAttributes.None, propagation: (MountFlags)propagation);
            Syscalls.MountSetAttr(tree, "", recursive: false, MountAttributes.None, propagation: MountFlags.Private);
            return tree;
        }
    }

    /// <summary>A rootless runtime has only a descriptor of the place; the clone takes the same number, so that every later step is the same.</summary>
    private void CloneRootInChild()
    {
        ChildRegister tree = _program.NewRegister();
        _ = _program.Call("clone the root file system", SyscallNumbers.open_tree, Syscalls.WorkingDirectory, _program.Text(_request.RootPath), 1 | 0x80000 | 0x8000).Into(tree);
        _ = _program.Call("take the root file system", SyscallNumbers.dup3, tree, _root.Number, 0x80000);
        _ = _program.Close(tree);
    }
}
