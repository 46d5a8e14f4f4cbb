using Sampan.Kernel;
using Sampan.Kernel.Children;
using Sampan.Runtime.Launch;

namespace Sampan.Runtime.RootFs;

/// <summary>
/// Compiles masked and read-only paths. A masked file shows the container's /dev/null, which is opened once and proven to be character device 1:3
/// (an image can put another file there: CVE-2025-31133); a masked directory shows an empty read-only tmpfs. What is not there needs no mask.
/// </summary>
internal sealed class MaskProgram(ChildContext context, MountProgram mounts)
{
    private const ResolveFlags Inside = ResolveFlags.InRoot | ResolveFlags.NoMagicLinks;
    private readonly ChildProgram _program = context.Program;

    public void Mask(List<string> paths)
    {
        if (paths.Count == 0)
            return;
        ChildRegister none = OpenNull();
        ChildRegister empty = mounts.NewFileSystem("tmpfs", "tmpfs", ["mode=755", "nr_blocks=1", "nr_inodes=1"], MountOptions.ReadOnly, "the mask of directories");
        ChildRegister used = _program.NewRegister();
        foreach (string path in paths)
            MaskOne(path, none, empty, used);
        _ = _program.Close(none);
        _ = _program.Close(empty);
    }

    public void MakeReadOnly(List<string> paths)
    {
        foreach (string path in paths)
        {
            string what = $"the read-only path {path}";
            ChildRegister place = _program.NewRegister();
            ChildRegister tree = _program.NewRegister();
            ChildLabel next = _program.NewLabel();
            _ = _program.OpenAt2($"open {what}", mounts.Root, path, OpenFlags.Path, Inside).Into(place).On(Errno.ENOENT, next);
            _ = _program.CloneTree($"{what}: clone its mount", place, recursive: true).Into(tree);
            _ = _program.MountSetAttr(what, tree, MountOptions.ReadOnly, 0, 0, recursive: false);
            _ = _program.MoveMount(what, tree, place);
            _ = _program.Close(tree);
            _ = _program.Close(place);
            _program.Mark(next);
        }
    }

    /// <summary>
    /// The empty directory itself covers the first path, and copies of it the others: before Linux 6.15 a mount that is not attached anywhere cannot be
    /// copied (open_tree(2): EINVAL).
    /// </summary>
    private void MaskOne(string path, ChildRegister none, ChildRegister empty, ChildRegister used)
    {
        string what = $"the masked path {path}";
        ChildRegister place = _program.NewRegister();
        ChildRegister tree = _program.NewRegister();
        ChildLabel next = _program.NewLabel();
        ChildLabel file = _program.NewLabel();
        ChildLabel copy = _program.NewLabel();
        ChildLabel attach = _program.NewLabel();
        _ = _program.OpenAt2($"open {what}", mounts.Root, path, OpenFlags.Path | OpenFlags.Directory, Inside).Into(place)
            .On(Errno.ENOENT, next).On(Errno.ENOTDIR, file);
        _program.JumpIf(used, ChildComparison.NotEqual, 0, copy);
        _ = _program.MoveMount(what, empty, place);
        _ = _program.Close(place);
        _program.Move(used, 1);
        _program.Jump(next);
        _program.Mark(copy);
        _ = _program.CloneTree($"{what}: clone an empty directory", empty, recursive: false).Into(tree);
        _program.Jump(attach);
        _program.Mark(file);
        _ = _program.OpenAt2($"open {what}", mounts.Root, path, OpenFlags.Path, Inside).Into(place).On(Errno.ENOENT, next).On(Errno.ENOTDIR, next);
        _ = _program.CloneTree($"{what}: clone /dev/null", none, recursive: false).Into(tree);
        _program.Mark(attach);
        _ = _program.MoveMount(what, tree, place);
        _ = _program.Close(tree);
        _ = _program.Close(place);
        _program.Mark(next);
    }

    private ChildRegister OpenNull()
    {
        ChildRegister file = _program.NewRegister();
        ChildRegister mode = _program.NewRegister();
        ChildRegister number = _program.NewRegister();
        ChildLabel wrong = _program.NewLabel();
        ChildLabel right = _program.NewLabel();
        nint status = _program.Buffer(ChildProgram.StatSize);
        _ = _program.OpenAt2("open /dev/null of the container for masked paths", mounts.Root, "dev/null", OpenFlags.Path | OpenFlags.NoFollow, Inside).Into(file);
        _ = _program.Stat("look at /dev/null of the container", file, status);
        _program.Load(mode, status + 28, 2, (nint)FileType.Mask);
        _program.JumpIf(mode, ChildComparison.NotEqual, (int)FileType.Character, wrong);
        _program.Load(number, status + 128, 4);
        _program.JumpIf(number, ChildComparison.NotEqual, 1, wrong);
        _program.Load(number, status + 132, 4);
        _program.JumpIf(number, ChildComparison.Equal, 3, right);
        _program.Mark(wrong);
        _program.Fail("use /dev/null of the container to mask paths: it is not the null device", Errno.ENODEV);
        _program.Mark(right);
        return file;
    }
}
