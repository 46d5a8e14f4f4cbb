using Sampan.Kernel;

namespace Sampan.Runtime.RootFs;

/// <summary>
/// The place inside the root file system that a path of the configuration means, with the links resolved that are there before anything is mounted.
/// The child opens the result by openat2(RESOLVE_IN_ROOT): a link put there meanwhile can lead nowhere outside. Resolving here is what lets a
/// mount target exist that a dangling link names, as <c>/etc/resolv.conf → ../run/systemd/resolve/stub-resolv.conf</c> in many images.
/// </summary>
internal static class TargetPath
{
    private const int MaxLinks = 255;

    /// <summary>Resolves <paramref name="path"/>; the result has no link, no <c>.</c>, no <c>..</c> and no slash at its start; empty for the root.</summary>
    /// <exception cref="RuntimeException">The path has more than 255 links.</exception>
    public static string Resolve(FileDescriptor root, string path)
    {
        var left = new Stack<string>();
        Push(left, path);
        var done = new List<string>();
        int links = 0;
        bool exists = true;
        while (left.TryPop(out string? name))
        {
            if (name == "..")
            {
                if (done.Count > 0)
                    done.RemoveAt(done.Count - 1);
                exists = true;
                continue;
            }
            done.Add(name);
            string? target = exists ? LinkAt(root, string.Join('/', done), out exists) : null;
            if (target is null)
                continue;
            if (++links > MaxLinks)
                throw new RuntimeException($"the path {path} in the root file system has more than {MaxLinks} links in it", RuntimeErrorKind.InvalidArgument);
            done.RemoveAt(done.Count - 1);
            if (target.StartsWith('/'))
                done.Clear();
            Push(left, target);
        }
        return string.Join('/', done);
    }

    private static void Push(Stack<string> left, string path)
    {
        string[] names = path.Split('/');
        for (int i = names.Length - 1; i >= 0; i--)
        {
            if (names[i] is not ("" or "."))
                left.Push(names[i]);
        }
    }

    private static string? LinkAt(FileDescriptor root, string path, out bool exists)
    {
        Errno error = Syscalls.TryOpenAt2(root, path, OpenFlags.Path | OpenFlags.NoFollow, ResolveFlags.InRoot | ResolveFlags.NoMagicLinks, 0, out FileDescriptor? file);
        exists = file is not null;
        if (file is null)
            return error is Errno.ENOENT or Errno.ENOTDIR or Errno.EACCES ? null : throw new KernelException($"openat2({root.Number}, \"{path}\", RESOLVE_IN_ROOT)", error);
        using (file)
        {
            return Syscalls.Stat(file).IsSymlink ? Syscalls.ReadLinkAt(file, "") : null;
        }
    }
}
