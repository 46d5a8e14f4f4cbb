using Sampan.Kernel;
using Sampan.Kernel.Children;

namespace Sampan.Runtime.RootFs;

/// <summary>Compiles the steps that open, and where it is missing make, a place in the container's root.</summary>
internal static class TargetProgram
{
    private const ResolveFlags Inside = ResolveFlags.InRoot | ResolveFlags.NoMagicLinks;

    /// <summary>Opens <paramref name="path"/> (from <see cref="TargetPaths.Resolve"/>) as a place to mount on, and makes it and its parents if they are missing.</summary>
    /// <returns>The register that holds its O_PATH descriptor.</returns>
    public static ChildRegister Open(ChildProgram program, ChildValue root, string path, bool directory, string what, uint mode = 0x1ED)
    {
        ChildRegister target = program.NewRegister();
        if (path.Length == 0)
        {
            _ = program.OpenAt2($"open the root for {what}", root, ".", OpenFlags.Path, Inside).Into(target);
            return target;
        }
        ChildLabel missing = program.NewLabel();
        ChildLabel done = program.NewLabel();
        _ = program.OpenAt2($"open /{path} in the root file system for {what}", root, path, OpenFlags.Path, Inside).Into(target).On(Errno.ENOENT, missing);
        program.Jump(done);
        program.Mark(missing);
        ChildValue parent = Parents(program, root, path, what, out string name);
        if (directory)
        {
            _ = program.MkDirAt($"make the directory /{path} in the root file system for {what}", parent, name, mode).Ignore(Errno.EEXIST);
        }
        else
        {
            ChildRegister file = program.NewRegister();
            const OpenFlags Make = OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.NoFollow;
            ChildLabel there = program.NewLabel();
            _ = program.OpenAt($"make the file /{path} in the root file system for {what}", parent, name, Make, 0x1A4).Into(file).On(Errno.EEXIST, there);
            _ = program.Close(file);
            program.Mark(there);
        }
        _ = program.OpenAt2($"open /{path} in the root file system for {what}", root, path, OpenFlags.Path, Inside).Into(target);
        program.Mark(done);
        return target;
    }

    /// <summary>As <see cref="Open"/>, for a directory of an empty file system: there is nothing to look for before it is made.</summary>
    public static ChildRegister Make(ChildProgram program, ChildValue parent, string name, string what)
    {
        ChildRegister target = program.NewRegister();
        _ = program.MkDirAt($"make the directory {name} for {what}", parent, name, 0x1ED);
        _ = program.OpenAt2($"open the directory {name} for {what}", parent, name, OpenFlags.Path, Inside).Into(target);
        return target;
    }

    /// <summary>Opens the directory that <paramref name="path"/> lies in, and makes it if it is missing.</summary>
    private static ChildValue Parents(ChildProgram program, ChildValue root, string path, string what, out string name)
    {
        int last = path.LastIndexOf('/');
        name = path[(last + 1)..];
        ChildValue current = root;
        for (int slash = path.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = path.IndexOf('/', slash + 1))
        {
            string prefix = path[..slash];
            ChildRegister opened = program.NewRegister();
            ChildLabel make = program.NewLabel();
            ChildLabel next = program.NewLabel();
            const OpenFlags Directory = OpenFlags.Path | OpenFlags.Directory;
            _ = program.OpenAt2($"open /{prefix} in the root file system for {what}", root, prefix, Directory, Inside).Into(opened).On(Errno.ENOENT, make);
            program.Jump(next);
            program.Mark(make);
            _ = program.MkDirAt($"make the directory /{prefix} in the root file system for {what}", current, prefix[(prefix.LastIndexOf('/') + 1)..], 0x1ED).Ignore(Errno.EEXIST);
            _ = program.OpenAt2($"open /{prefix} in the root file system for {what}", root, prefix, Directory, Inside).Into(opened);
            program.Mark(next);
            current = opened;
        }
        return current;
    }
}
