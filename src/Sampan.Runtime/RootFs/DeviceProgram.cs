using Sampan.Kernel;
using Sampan.Kernel.Children;
using Sampan.Oci;
using Sampan.Runtime.Launch;

namespace Sampan.Runtime.RootFs;

/// <summary>
/// Compiles the devices in the container's <c>/dev</c> and the links that programs expect there (config-linux.md, "Default Devices" and "Dev symbolic
/// links"). Nodes are made by mknod; where that is not allowed, in a user namespace, the host's device is bound in its place.
/// </summary>
internal sealed class DeviceProgram(ChildContext context, RootFsRequest request, MountProgram mounts)
{
    private static readonly LinuxDevice[] s_defaults =
    [
        Character("null", 1, 3), Character("zero", 1, 5), Character("full", 1, 7), Character("random", 1, 8), Character("urandom", 1, 9), Character("tty", 5, 0),
    ];

    private readonly ChildProgram _program = context.Program;
    private readonly bool _mayMakeNodes = !request.Namespaces.Has(CloneFlags.NewUser) && RootFsRequest.Privileged;

    private static LinuxDevice Character(string name, uint major, uint minor) =>
        new() { Path = $"/dev/{name}", Type = "c", Major = major, Minor = minor, FileMode = 0x1B6, Uid = 0, Gid = 0 };

    /// <summary>Adds devices, links, and the multiplexer of pseudo-terminals.</summary>
    public void Add()
    {
        ChildRegister dev = TargetProgram.Open(_program, mounts.Root, "dev", directory: true, "the devices");
        foreach (LinuxDevice device in s_defaults)
        {
            if (!IsReplaced(device.Path))
                AddDevice(dev, device);
        }
        foreach (LinuxDevice device in request.Spec.Linux?.Devices ?? [])
            AddDevice(dev, device);
        AddLink(dev, "/proc/self/fd", "fd");
        AddLink(dev, "/proc/self/fd/0", "stdin");
        AddLink(dev, "/proc/self/fd/1", "stdout");
        AddLink(dev, "/proc/self/fd/2", "stderr");
        _ = _program.UnlinkAt("remove /dev/ptmx of the image", dev, "ptmx").IgnoreAll();
        _ = _program.SymlinkAt("link /dev/ptmx", "pts/ptmx", dev, "ptmx").IgnoreAll();
        _ = _program.Close(dev);
    }

    private bool IsReplaced(string path)
    {
        foreach (LinuxDevice device in request.Spec.Linux?.Devices ?? [])
        {
            if (device.Path == path)
                return true;
        }
        return false;
    }

    private void AddLink(ChildRegister dev, string target, string name) => _ = _program.SymlinkAt($"link /dev/{name}", target, dev, name).Ignore(Errno.EEXIST);

    private void AddDevice(ChildRegister dev, LinuxDevice device)
    {
        string what = $"the device {device.Path}";
        string path = mounts.Paths.Resolve(device.Path);
        if (path == "dev/ptmx")
            return; // always the link to the container's own pts/ptmx
        ChildValue parent = dev;
        string name = path;
        if (path.StartsWith("dev/", StringComparison.Ordinal) && path.IndexOf('/', 4) < 0)
            name = path["dev/".Length..];
        else
            parent = OpenParent(path, what, out name);
        ChildLabel done = _program.NewLabel();
        if (_mayMakeNodes)
            MakeNode(parent, name, device, what, done);
        else
            BindDevice(path, device, what);
        _program.Mark(done);
    }

    private ChildValue OpenParent(string path, string what, out string name)
    {
        int slash = path.LastIndexOf('/');
        name = path[(slash + 1)..];
        return slash < 0 ? mounts.Root : TargetProgram.Open(_program, mounts.Root, path[..slash], directory: true, what);
    }

    private void MakeNode(ChildValue parent, string name, LinuxDevice device, string what, ChildLabel done)
    {
        uint type = device.Type switch { "b" => FileType.Block, "p" => FileType.Fifo, _ => FileType.Character };
        var number = device.Type == "p" ? default : new DeviceNumber((uint)device.Major, (uint)device.Minor);
        _ = _program.MkNodAt(what, parent, name, type | (device.FileMode ?? 0x1B6), number).On(Errno.EEXIST, done);
        if (device.Uid is > 0 || device.Gid is > 0)
            _ = _program.ChOwnAt($"{what}: set its owner", parent, name, device.Uid ?? 0, device.Gid ?? 0);
    }

    private void BindDevice(string path, LinuxDevice device, string what)
    {
        Errno error = Syscalls.TryOpenAt(Syscalls.WorkingDirectory, device.Path, OpenFlags.Path, 0, out FileDescriptor? host);
        if (host is null)
            throw new RuntimeException($"linux.devices: {device.Path} cannot be made in a user namespace, and the host has none to bind in its place: {KernelException.Describe(error)}");
        using (host)
        {
            if (request.RuntimeClonesTrees)
            {
                mounts.Attach(context.Inherit(BindTree.Clone(host, device.Path, recursive: false)), path, directory: false, what);
                return;
            }
        }
        ChildRegister tree = _program.NewRegister();
        _ = _program.Call($"{what}: clone the host's", SyscallNumbers.open_tree, Syscalls.WorkingDirectory, _program.Text(device.Path), 1 | 0x80000).Into(tree);
        mounts.Attach(tree, path, directory: false, what);
    }
}
