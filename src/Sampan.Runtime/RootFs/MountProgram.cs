using System.Runtime.InteropServices;
using Sampan.Kernel;
using Sampan.Kernel.Children;
using Sampan.Oci;
using Sampan.Runtime.Launch;

namespace Sampan.Runtime.RootFs;

/// <summary>
/// Compiles the mounts of the configuration. Every mount is made detached and then moved onto a descriptor of its place, so that no path is
/// looked up twice: what was checked is what is mounted on.
/// </summary>
internal sealed class MountProgram
{
    private readonly ChildContext _context;
    private readonly ChildProgram _program;
    private readonly RootFsRequest _request;
    private readonly FileDescriptor _root;
    private readonly ulong _defaultPropagation;
    private readonly List<string> _readOnlyAtEnd = [];

    public MountProgram(ChildContext context, RootFsRequest request, FileDescriptor root)
    {
        _context = context;
        _program = context.Program;
        _request = request;
        _root = root;
        Paths = new TargetPaths(root);
        ulong propagation = MountOptions.PropagationOf(request.Spec.Linux?.RootfsPropagation);
        _defaultPropagation = propagation is 0 ? MountOptions.Slave : propagation is MountOptions.Shared ? 0 : propagation;
    }

    /// <summary>The container's root: its own mount, detached until the child moves it into place.</summary>
    public FileDescriptor Root => _root;

    /// <summary>What paths of the configuration mean in it.</summary>
    public TargetPaths Paths { get; }

    /// <summary>Whether <c>/dev</c> is the container's own; a bind of the host's is left alone: no devices are made in it.</summary>
    public bool OwnsDev { get; private set; } = true;

    /// <summary>Adds one mount.</summary>
    public void Add(Mount mount)
    {
        MountOptions options = MountOptions.Parse(mount.Options);
        string what = $"the mount at {mount.Destination}";
        string path = Paths.Resolve(mount.Destination);
        if (path.Length == 0)
            throw new RuntimeException($"mounts: the destination {mount.Destination} is the container's root itself; mount it below, or set root.path", RuntimeErrorKind.InvalidArgument);
        bool bind = options.Bind || mount.Type is "bind" or "rbind";
        if (bind && path == "dev")
            OwnsDev = false;
        if (options.Remount)
            Remount(options, bind, path, what);
        else if (bind)
            Bind(mount, options, path, what);
        else if (mount.Type is "cgroup" or "cgroup2")
            new CgroupMountProgram(_context, _request, this).Add(mount, options, path);
        else
            FileSystem(mount, options, path, what);
        Paths.Cover(path);
    }

    /// <summary>Makes read-only what had to be writable while other mounts were made in it (<c>/dev</c>).</summary>
    public void Finish()
    {
        foreach (string path in _readOnlyAtEnd)
            MakeReadOnly(path, $"the mount at /{path}");
    }

    /// <summary>Makes what is mounted at a path read-only.</summary>
    public void MakeReadOnly(string path, string what)
    {
        ChildRegister target = TargetProgram.Open(_program, _root, path, directory: true, what);
        _ = _program.MountSetAttr($"{what}: make it read-only", target, MountOptions.ReadOnly, 0, 0, recursive: false);
        _ = _program.Close(target);
    }

    /// <summary>Puts a detached mount onto its place and closes both descriptors.</summary>
    public void Attach(ChildValue tree, string path, bool directory, string what)
    {
        ChildRegister target = TargetProgram.Open(_program, _root, path, directory, what);
        _ = _program.MoveMount(directory ? what : $"{what}: a file goes onto a file", tree, target);
        _ = _program.Close(target);
        if (tree.IsRegister)
            _ = _program.Close(tree);
    }

    /// <summary>Makes a new file system and returns its detached mount.</summary>
    public ChildRegister NewFileSystem(string type, string? source, ReadOnlySpan<string> data, ulong attributes, string what, ChildLabel? onDenied = null)
    {
        ChildRegister context = _program.NewRegister();
        ChildRegister mount = _program.NewRegister();
        ChildStep open = _program.FsOpen($"{what}: open file system {type}", type).Into(context);
        if (onDenied is { } label)
            _ = open.On(Errno.EPERM, label);
        if (!string.IsNullOrEmpty(source))
            _ = _program.FsConfig($"{what}: set source={source}", context, "source", source).Ignore(Errno.EINVAL);
        SetData(context, data, what);
        ChildStep create = _program.FsConfig($"{what}: create file system {type}", context, null, null);
        if (onDenied is { } denied)
            _ = create.On(Errno.EPERM, denied).On(Errno.EBUSY, denied);
        _ = _program.FsMount($"{what}: mount file system {type}", context, attributes).Into(mount);
        _ = _program.Close(context);
        return mount;
    }

    /// <summary>Sets the options of a file system: <c>NAME=VALUE</c>, or a name alone.</summary>
    private void SetData(ChildRegister context, ReadOnlySpan<string> data, string what)
    {
        foreach (string one in data)
        {
            int equals = one.IndexOf('=', StringComparison.Ordinal);
            _ = _program.FsConfig($"{what}: set {one}", context, equals < 0 ? one : one[..equals], equals < 0 ? null : one[(equals + 1)..]);
        }
    }

    private void FileSystem(Mount mount, MountOptions options, string path, string what)
    {
        string type = mount.Type ?? throw new RuntimeException($"mounts: {mount.Destination} has no type and is no bind mount", RuntimeErrorKind.InvalidArgument);
        if (type is "proc" or "sysfs")
            RefuseLinks(mount.Destination, type);
        ulong attributes = options.Set;
        if (path == "dev" && (attributes & MountOptions.ReadOnly) != 0)
        {
            attributes &= ~MountOptions.ReadOnly;
            _readOnlyAtEnd.Add(path);
        }
        if (options.CopyUp)
        {
            FileDescriptor copy = _context.Inherit(TmpfsCopy.Make(_root, path, type, options, attributes));
            Attach(copy, path, directory: true, what);
        }
        else
        {
            List<string> data = [.. options.Data];
            if (_request.Spec.Linux?.MountLabel is { Length: > 0 } label && type is not ("proc" or "sysfs"))
                data.Add($"context={label}");
            if (type == "tmpfs" && ModeBelow(path, data) is { } mode)
                data.Add(mode);
            ChildRegister tree = NewFileSystem(type, mount.Source, CollectionsMarshal.AsSpan(data), attributes, what);
            SetPropagation(tree, options, 0, what);
            if ((options.RecursiveSet | options.RecursiveClear) != 0)
                _ = _program.MountSetAttr(what, tree, options.RecursiveSet, options.RecursiveClear, 0, recursive: true);
            Attach(tree, path, directory: true, what);
        }
    }

    /// <summary>A tmpfs takes the mode of the image's directory below it, unless its options name one (as runc and Docker have it).</summary>
    private string? ModeBelow(string path, List<string> data)
    {
        foreach (string one in data)
        {
            if (one.StartsWith("mode=", StringComparison.Ordinal))
                return null;
        }
        // What an earlier mount hides is not what lies below: there the kernel's own default stands.
        foreach (Mount earlier in _request.Spec.Mounts!)
        {
            string covered = earlier.Destination.Trim('/');
            if (path == covered)
                break;
            if (path.StartsWith(covered + "/", StringComparison.Ordinal))
                return null;
        }
        Errno error = Syscalls.TryOpenAt2(_root, path, OpenFlags.Path | OpenFlags.Directory, ResolveFlags.InRoot | ResolveFlags.NoMagicLinks, 0, out FileDescriptor? below);
        using (below)
            return error == Errno.None ? "mode=" + Convert.ToString((int)(Syscalls.Stat(below!).Mode & 0xFFF), 8) : null;
    }

    /// <summary>A link or another file system in place of /proc or /sys would turn writes meant for the kernel elsewhere (CVE-2023-27561 and later).</summary>
    private void RefuseLinks(string destination, string type)
    {
        string clean = destination.Trim('/');
        if (clean is not ("proc" or "sys"))
            return;
        Errno error = Syscalls.TryStatAt(_root, clean, out FileStatus status);
        if (error == Errno.None && !status.IsDirectory)
            throw new RuntimeException($"mounts: {destination} in the root file system is not a directory; {type} is mounted only onto a real directory", RuntimeErrorKind.InvalidArgument);
    }

    private void Bind(Mount mount, MountOptions options, string path, string what)
    {
        string source = mount.Source ?? throw new RuntimeException($"mounts: the bind mount at {mount.Destination} has no source", RuntimeErrorKind.InvalidArgument);
        if (!source.StartsWith('/'))
            source = $"{_request.Bundle}/{source}";
        bool recursive = options.RecursiveBind || mount.Type == "rbind";
        using FileDescriptor place = BindTree.OpenSource(source, options.SourceNoFollow, mount.Destination);
        bool directory = Syscalls.Stat(place).IsDirectory;
        ChildValue tree;
        if (_request.RuntimeClonesTrees && !ChildCanClone(mount, options))
        {
            FileDescriptor clone = _context.Inherit(BindTree.Clone(place, source, recursive));
            BindTree.SetAttributes(clone, options, _defaultPropagation, mount, _request.Spec.Linux);
            Attach(clone, path, directory, what);
            return;
        }
        if (options.IdMap || mount.UidMappings is { Count: > 0 })
            throw new RuntimeException($"mounts: the idmapped mount at {mount.Destination} needs a runtime that is root", RuntimeErrorKind.InvalidArgument);
        ChildRegister own = _program.NewRegister();
        _ = _program.Call($"{what}: clone the tree at {source}", SyscallNumbers.open_tree, Syscalls.WorkingDirectory, _program.Text(source), 1 | 0x80000 | (recursive ? 0x8000 : 0)).Into(own);
        tree = own;
        SetAttributesInChild(tree, options, what);
        SetPropagation(tree, options, _defaultPropagation, what);
        Attach(tree, path, directory, what);
    }

    /// <summary>
    /// Whether the child can clone a tree as well as the runtime. Then it does, in the order of the configuration: since Linux 6.8 mountinfo lists mounts
    /// by their numbers, and a clone made before the child's own file systems would come before them all.
    /// </summary>
    private bool ChildCanClone(Mount mount, MountOptions options) =>
        !_request.Namespaces.Has(CloneFlags.NewUser) && _defaultPropagation != 0 && !options.SourceNoFollow && !options.IdMap && mount.UidMappings is not { Count: > 0 };

    /// <summary>In a user namespace, flags of the source that are locked stay; only what is to be added is asked for (mount_namespaces(7)).</summary>
    private void SetAttributesInChild(ChildValue tree, MountOptions options, string what)
    {
        const ulong AccessTimes = 0x70; // MOUNT_ATTR__ATIME: a value, not flags; the kernel takes a new one only where the old one is cleared with it
        ulong replaced = (options.Set & AccessTimes) != 0 ? options.Clear & AccessTimes : 0;
        if (options.Set != 0)
            _ = _program.MountSetAttr(what, tree, options.Set, replaced, 0, recursive: false);
        if ((options.Clear & ~replaced) != 0)
            _ = _program.MountSetAttr(what, tree, 0, options.Clear & ~replaced, 0, recursive: false).Ignore(Errno.EPERM);
        if ((options.RecursiveSet | options.RecursiveClear) != 0)
            _ = _program.MountSetAttr(what, tree, options.RecursiveSet, options.RecursiveClear, 0, recursive: true);
    }

    private void SetPropagation(ChildValue tree, MountOptions options, ulong first, string what)
    {
        if (first != 0)
            _ = _program.MountSetAttr(what, tree, 0, 0, first, recursive: true);
        foreach ((ulong flag, bool recursive) in options.Propagation)
            _ = _program.MountSetAttr($"{what}: set its propagation", tree, 0, 0, flag, recursive);
    }

    private void Remount(MountOptions options, bool bind, string path, string what)
    {
        ChildRegister target = TargetProgram.Open(_program, _root, path, directory: true, what);
        if (bind || options.Data.Count == 0)
        {
            _ = _program.MountSetAttr($"{what}: remount", target, options.Set, options.Clear, 0, recursive: false);
        }
        else
        {
            ChildRegister context = _program.NewRegister();
            _ = _program.Call($"{what}: pick", SyscallNumbers.fspick, target, _program.Text(""), 1 | 8).Into(context);
            SetData(context, [.. options.Data], what);
            _ = _program.Call($"{what}: reconfigure", SyscallNumbers.fsconfig, context, 7, 0, 0, 0);
            _ = _program.MountSetAttr($"{what}: remount", target, options.Set, options.Clear, 0, recursive: false);
        }
        _ = _program.Close(target);
    }
}
