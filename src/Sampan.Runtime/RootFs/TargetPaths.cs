using Sampan.Kernel;

namespace Sampan.Runtime.RootFs;

/// <summary>
/// The places inside one root file system that paths of the configuration mean, with the links resolved that are there before anything is mounted.
/// The child opens the result by openat2(RESOLVE_IN_ROOT): a link put there meanwhile can lead nowhere outside. Resolving here is what lets a
/// mount target exist that a dangling link names, as <c>/etc/resolv.conf → ../run/systemd/resolve/stub-resolv.conf</c> in many images.
/// </summary>
/// <param name="root">The root file system, as it is before the mounts of the configuration.</param>
internal sealed class TargetPaths(FileDescriptor root)
{
    private const int MaxLinks = 255;

    private readonly HashSet<string> _covered = [];
    private readonly Dictionary<string, (bool Exists, string? Link)> _seen = [];

    /// <summary>Says that something is mounted at a resolved path: what the image has there and below is hidden, and its links mean nothing any more.</summary>
    public void Cover(string path) => _covered.Add(path);

    /// <summary>Resolves <paramref name="path"/>; the result has no link, no <c>.</c>, no <c>..</c> and no slash at its start; empty for the root.</summary>
    /// <exception cref="RuntimeException">The path has more than 255 links.</exception>
    public string Resolve(string path)
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
            string? target = null;
            if (exists)
                (exists, target) = LinkAt(string.Join('/', done));
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

    private (bool Exists, string? Link) LinkAt(string path)
    {
        if (_covered.Contains(path))
            return (false, null);
        if (_seen.TryGetValue(path, out (bool Exists, string? Link) known))
            return known;
        Errno error = Syscalls.TryOpenAt2(root, path, OpenFlags.Path | OpenFlags.NoFollow, ResolveFlags.InRoot | ResolveFlags.NoMagicLinks, 0, out FileDescriptor? file);
        if (file is null && error is not (Errno.ENOENT or Errno.ENOTDIR or Errno.EACCES))
            throw new KernelException($"openat2({root.Number}, \"{path}\", RESOLVE_IN_ROOT)", error);
        using (file)
        {
            string? link = file is not null && Syscalls.Stat(file).IsSymlink ? Syscalls.ReadLinkAt(file, "") : null;
            return _seen[path] = (file is not null, link);
        }
    }
}
