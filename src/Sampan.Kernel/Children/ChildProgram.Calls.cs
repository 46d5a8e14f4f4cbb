using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Sampan.Kernel.Children;

/// <summary>The calls that programs are made of, one small method each, named as in section 2 of the manual.</summary>
public sealed unsafe partial class ChildProgram
{
    private const int AtEmptyPath = 0x1000;

    /// <summary>
    /// Undoes what the managed runtime did to signals: SIGPIPE is no longer ignored and none is blocked. The first step of every program; clone3's
    /// CLONE_CLEAR_SIGHAND has removed the handlers before.
    /// </summary>
    public void ResetSignals()
    {
        _ = Call("reset SIGPIPE", SyscallNumbers.rt_sigaction, 13, Buffer(32), 0, 8);
        _ = Call("unblock signals", SyscallNumbers.rt_sigprocmask, 2, Buffer(8), 0, 8);
    }

    /// <summary>openat(2) with O_CLOEXEC.</summary>
    public ChildStep OpenAt(StepText description, ChildValue directory, string path, OpenFlags flags, uint mode = 0) =>
        Call(description, SyscallNumbers.openat, directory, Text(path), OpenFlagNumbers.Of(flags | OpenFlags.CloseOnExec), mode);

    /// <summary>openat2(2) with O_CLOEXEC.</summary>
    public ChildStep OpenAt2(StepText description, ChildValue directory, string path, OpenFlags flags, ResolveFlags resolve, uint mode = 0)
    {
        var how = new OpenHow { Flags = (ulong)OpenFlagNumbers.Of(flags | OpenFlags.CloseOnExec), Mode = mode, Resolve = (ulong)resolve };
        return Call(description, SyscallNumbers.openat2, directory, Text(path), Value(how), sizeof(OpenHow));
    }

    /// <summary>close(2).</summary>
    public ChildStep Close(ChildValue file) => Call("close", SyscallNumbers.close, file).IgnoreAll();

    /// <summary>dup3(2) without O_CLOEXEC; a descriptor onto itself loses its O_CLOEXEC.</summary>
    public void DuplicateTo(StepText description, ChildValue file, int number)
    {
        ChildLabel same = NewLabel();
        ChildLabel done = NewLabel();
        JumpIf(file, ChildComparison.Equal, number, same);
        _ = Call(description, SyscallNumbers.dup3, file, number, 0);
        Jump(done);
        Mark(same);
        _ = Call(description, SyscallNumbers.fcntl, number, 2, 0);
        Mark(done);
    }

    /// <summary>write(2) of fixed bytes.</summary>
    public ChildStep Write(StepText description, ChildValue file, ReadOnlySpan<byte> bytes) =>
        Call(description, SyscallNumbers.write, file, Bytes(bytes), bytes.Length);

    /// <summary>mkdirat(2).</summary>
    public ChildStep MkDirAt(StepText description, ChildValue directory, string name, uint mode) =>
        Call(description, SyscallNumbers.mkdirat, directory, Text(name), mode);

    /// <summary>mknodat(2).</summary>
    public ChildStep MkNodAt(StepText description, ChildValue directory, string name, uint mode, DeviceNumber device) =>
        Call(description, SyscallNumbers.mknodat, directory, Text(name), mode, (nint)device.Encoded);

    /// <summary>symlinkat(2).</summary>
    public ChildStep SymlinkAt(StepText description, string target, ChildValue directory, string name) =>
        Call(description, SyscallNumbers.symlinkat, Text(target), directory, Text(name));

    /// <summary>unlinkat(2) of a name that is no directory.</summary>
    public ChildStep UnlinkAt(StepText description, ChildValue directory, string name) =>
        Call(description, SyscallNumbers.unlinkat, directory, Text(name), 0);

    /// <summary>fchownat(2) of a name itself, not of a link's target.</summary>
    public ChildStep ChOwnAt(StepText description, ChildValue directory, string name, uint uid, uint gid) =>
        Call(description, SyscallNumbers.fchownat, directory, Text(name), uid, gid, 0x100);

    /// <summary>fchmodat(2), through the descriptor's own directory; the caller made the name and knows it is no link.</summary>
    public ChildStep ChModAt(StepText description, ChildValue directory, string name, uint mode) =>
        Call(description, SyscallNumbers.fchmodat, directory, Text(name), mode);

    /// <summary>setns(2).</summary>
    public ChildStep SetNs(StepText description, ChildValue file, CloneFlags kind) => Call(description, SyscallNumbers.setns, file, (nint)kind);

    /// <summary>unshare(2).</summary>
    public ChildStep Unshare(StepText description, CloneFlags flags) => Call(description, SyscallNumbers.unshare, (nint)flags);

    /// <summary>A second clone3(2) from within the child: the new process is a sibling (CLONE_PARENT); 0 in it, its pid in the old one.</summary>
    public ChildStep CloneSibling(StepText description, CloneFlags flags) => Clone(description, flags | CloneFlags.Parent);

    /// <summary>
    /// clone(2) of a child of the child; its pidfd is written to the 4 bytes at <paramref name="pidFd"/>. Not clone3(2): a seccomp filter cannot look
    /// into its arguments, and the usual profiles of engines refuse it therefore.
    /// </summary>
    public ChildStep CloneChild(StepText description, nint pidFd)
    {
        const int ChildEnds = 17; // SIGCHLD
        return Call(description, SyscallNumbers.clone, (nint)CloneFlags.PidFd | ChildEnds, 0, pidFd, 0, 0);
    }

    private ChildStep Clone(StepText description, CloneFlags flags)
    {
        var arguments = new CloneArguments { Flags = (ulong)flags };
        return Call(description, SyscallNumbers.clone3, Value(arguments), sizeof(CloneArguments));
    }

    /// <summary>exit_group(2).</summary>
    public void Exit(int status) => Call("exit", SyscallNumbers.exit_group, status);

    /// <summary>fsopen(2).</summary>
    public ChildStep FsOpen(StepText description, string type) => Call(description, SyscallNumbers.fsopen, Text(type), 1);

    /// <summary>fsconfig(2): a flag, a string value, or (with <paramref name="key"/> null) the command to make the superblock.</summary>
    public ChildStep FsConfig(StepText description, ChildValue context, string? key, string? value) => key is null
        ? Call(description, SyscallNumbers.fsconfig, context, 6, 0, 0, 0)
        : Call(description, SyscallNumbers.fsconfig, context, value is null ? 0 : 1, Text(key), value is null ? 0 : Text(value), 0);

    /// <summary>fsmount(2).</summary>
    /// <param name="description">What is mounted.</param>
    /// <param name="context">The file system context.</param>
    /// <param name="attributes">MOUNT_ATTR_* flags.</param>
    public ChildStep FsMount(StepText description, ChildValue context, ulong attributes) =>
        Call(description, SyscallNumbers.fsmount, context, 1, (nint)attributes);

    /// <summary>open_tree(2) of a descriptor's own place, cloned, detached.</summary>
    public ChildStep CloneTree(StepText description, ChildValue file, bool recursive) =>
        Call(description, SyscallNumbers.open_tree, file, Text(""), 1 | 0x80000 | AtEmptyPath | (recursive ? 0x8000 : 0));

    /// <summary>move_mount(2) of a detached mount onto a descriptor's place.</summary>
    public ChildStep MoveMount(StepText description, ChildValue mount, ChildValue target) =>
        Call(description, SyscallNumbers.move_mount, mount, Text(""), target, Text(""), 0x4 | 0x40);

    /// <summary>mount_setattr(2) of a descriptor's mount.</summary>
    public ChildStep MountSetAttr(StepText description, ChildValue mount, ulong set, ulong clear, ulong propagation, bool recursive)
    {
        ulong* attributes = (ulong*)Buffer(32);
        attributes[0] = set;
        attributes[1] = clear;
        attributes[2] = propagation;
        return Call(description, SyscallNumbers.mount_setattr, mount, Text(""), AtEmptyPath | (recursive ? 0x8000 : 0), (nint)attributes, 32);
    }

    /// <summary>mount(2), the old call; of use for propagation and for moves.</summary>
    public ChildStep Mount(StepText description, string? source, string target, string? type, ulong flags, string? data = null) =>
        Call(description, SyscallNumbers.mount, source is null ? 0 : Text(source), Text(target), type is null ? 0 : Text(type), (nint)flags, data is null ? 0 : Text(data));

    /// <summary>umount2(2).</summary>
    public ChildStep Umount(StepText description, string target, int flags) => Call(description, SyscallNumbers.umount2, Text(target), flags);

    /// <summary>pivot_root(2).</summary>
    public ChildStep PivotRoot(StepText description, string newRoot, string oldRoot) =>
        Call(description, SyscallNumbers.pivot_root, Text(newRoot), Text(oldRoot));

    /// <summary>fchdir(2).</summary>
    public ChildStep FChDir(StepText description, ChildValue directory) => Call(description, SyscallNumbers.fchdir, directory);

    /// <summary>chdir(2).</summary>
    public ChildStep ChDir(StepText description, string path) => Call(description, SyscallNumbers.chdir, Text(path));

    /// <summary>chroot(2).</summary>
    public ChildStep ChRoot(StepText description, string path) => Call(description, SyscallNumbers.chroot, Text(path));

    /// <summary>prctl(2).</summary>
    public ChildStep Prctl(StepText description, int option, ChildValue a1 = default, ChildValue a2 = default, ChildValue a3 = default) =>
        Call(description, SyscallNumbers.prctl, option, a1, a2, a3);

    /// <summary>statx(2) of an open file; its mode (2 bytes at 28) and its device number (major at 128, minor at 132) are read with <see cref="Load"/>.</summary>
    public ChildStep Stat(StepText description, ChildValue file, nint into) =>
        Call(description, SyscallNumbers.statx, file, Text(""), AtEmptyPath, 0x7ff, into);

    /// <summary>The size of what <see cref="Stat"/> fills in.</summary>
    public const int StatSize = 256;

    /// <summary>execve(2) of a path that lies at an address or in a register.</summary>
    public ChildStep ExecVe(StepText description, ChildValue path, nint arguments, nint environment) =>
        Call(description, SyscallNumbers.execve, path, arguments, environment);

    /// <summary>Tells the parent that a point was reached, with a value.</summary>
    public void Report(ChildValue to, int point, ChildValue value = default)
    {
        nint message = Buffer(ChildReport.HeaderSize);
        var header = new Span<byte>((byte*)message, ChildReport.HeaderSize);
        BinaryPrimitives.WriteInt32LittleEndian(header, (int)ChildReportKind.Reached);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], point);
        if (value.IsRegister || value.Number != 0)
            Store(message + 8, 4, value);
        _ = Call("report to the runtime", SyscallNumbers.write, to, message, ChildReport.HeaderSize);
    }

    /// <summary>Waits for a byte; the end of the stream, which means that the other side is gone, ends the child with ECANCELED.</summary>
    public void Await(StepText description, ChildValue from)
    {
        ChildRegister count = NewRegister();
        ChildLabel goOn = NewLabel();
        _ = Call(description, SyscallNumbers.read, from, Buffer(8), 1).Into(count);
        JumpIf(count, ChildComparison.NotEqual, 0, goOn);
        Fail(description, Errno.ECANCELED);
        Mark(goOn);
    }

    /// <summary>Sends a descriptor over a unix socket (SCM_RIGHTS), with one byte of data, or with <paramref name="data"/>.</summary>
    public void SendDescriptor(StepText description, ChildValue socket, ChildValue file, ReadOnlySpan<byte> data = default)
    {
        if (data.IsEmpty)
            data = "d"u8;
        nint vector = Buffer(16);
        ((nint*)vector)[0] = Bytes(data);
        ((nint*)vector)[1] = data.Length;
        nint control = Buffer(24);
        *(nint*)control = 20; // CMSG_LEN(sizeof(int))
        ((int*)control)[2] = 1; // SOL_SOCKET
        ((int*)control)[3] = 1; // SCM_RIGHTS
        nint message = Buffer(56); // struct msghdr
        ((nint*)message)[2] = vector;
        ((nint*)message)[3] = 1;
        ((nint*)message)[4] = control;
        ((nint*)message)[5] = 24;
        Store(control + 16, 4, file);
        _ = Call(description, SyscallNumbers.sendmsg, socket, message, 0x4000);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct OpenHow
    {
        public ulong Flags, Mode, Resolve;
    }
}
