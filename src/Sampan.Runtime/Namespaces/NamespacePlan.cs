using Sampan.Kernel.Children;
using Sampan.Oci;

namespace Sampan.Runtime.Namespaces;

/// <summary>A namespace that the container joins.</summary>
/// <param name="Type">Its name in the specification: pid, network, mount, ipc, uts, user, cgroup, time.</param>
/// <param name="Kind">Its flag.</param>
/// <param name="Path">The file that stands for it.</param>
internal readonly record struct JoinedNamespace(string Type, CloneFlags Kind, string Path);

/// <summary>Which namespaces a container gets new, joins, or shares with the runtime (config-linux.md, "Namespaces"). Pure; nothing is opened.</summary>
internal sealed class NamespacePlan
{
    private readonly List<JoinedNamespace> _joined = [];

    /// <summary>The namespaces to make.</summary>
    public CloneFlags New { get; private set; }

    /// <summary>The namespaces to join, the user namespace first: it gives the rights for the others.</summary>
    public IReadOnlyList<JoinedNamespace> Joined => _joined;

    /// <summary>Whether a namespace of this kind is made or joined, so that it is not the runtime's.</summary>
    public bool Has(CloneFlags kind) => (New & kind) != 0 || Joins(kind);

    /// <summary>Whether a namespace of this kind is joined.</summary>
    public bool Joins(CloneFlags kind)
    {
        foreach (JoinedNamespace joined in _joined)
        {
            if (joined.Kind == kind)
                return true;
        }
        return false;
    }

    /// <summary>
    /// The flags for the first clone3. The cgroup namespace is left out, since its root is the cgroup at the moment of unshare and the child first joins
    /// its cgroup; the time namespace is left out, since its offsets are written before anybody is in it; and when the user namespace is joined all
    /// others are, since only inside of it there is the right to make them.
    /// </summary>
    public CloneFlags AtClone => Joins(CloneFlags.NewUser) ? CloneFlags.None : New & ~(CloneFlags.NewCgroup | CloneFlags.NewTime | AtSibling);

    /// <summary>
    /// The flags for the second clone3. A first process of a pid namespace may have no siblings (clone(2): CLONE_PARENT gives EINVAL), so that where there is
    /// a second clone, it is the one that makes the pid namespace.
    /// </summary>
    public CloneFlags AtSibling => Joins(CloneFlags.NewUser) || Has(CloneFlags.NewTime) ? New & CloneFlags.NewPid : CloneFlags.None;

    /// <summary>What the child makes itself by unshare(2).</summary>
    public CloneFlags AtUnshare => Joins(CloneFlags.NewUser) ? New & ~CloneFlags.NewPid : New & (CloneFlags.NewCgroup | CloneFlags.NewTime);

    /// <summary>Whether the child must be cloned once more to be in its pid or time namespace.</summary>
    public bool NeedsSibling => (Joins(CloneFlags.NewUser) && Has(CloneFlags.NewPid)) || Has(CloneFlags.NewTime) || (Joins(CloneFlags.NewPid) && New.HasFlag(CloneFlags.NewUser));

    /// <summary>Reads the plan from the specification, which has been validated before.</summary>
    public static NamespacePlan From(IReadOnlyList<LinuxNamespace>? namespaces)
    {
        var plan = new NamespacePlan();
        if (namespaces is null)
            return plan;
        foreach (LinuxNamespace one in namespaces)
        {
            CloneFlags kind = KindOf(one.Type);
            if (string.IsNullOrEmpty(one.Path))
                plan.New |= kind;
            else if (kind == CloneFlags.NewUser)
                plan._joined.Insert(0, new JoinedNamespace(one.Type, kind, one.Path));
            else
                plan._joined.Add(new JoinedNamespace(one.Type, kind, one.Path));
        }
        return plan;
    }

    /// <summary>The flag of a namespace's name.</summary>
    /// <exception cref="RuntimeException">There is no such namespace.</exception>
    public static CloneFlags KindOf(string type) => type switch
    {
        "pid" => CloneFlags.NewPid,
        "network" => CloneFlags.NewNetwork,
        "mount" => CloneFlags.NewMount,
        "ipc" => CloneFlags.NewIpc,
        "uts" => CloneFlags.NewUts,
        "user" => CloneFlags.NewUser,
        "cgroup" => CloneFlags.NewCgroup,
        "time" => CloneFlags.NewTime,
        _ => throw new RuntimeException($"linux.namespaces: unknown type \"{type}\"; known are pid, network, mount, ipc, uts, user, cgroup, time", RuntimeErrorKind.InvalidArgument),
    };

    /// <summary>The name of a namespace's file below /proc/PID/ns.</summary>
    public static string FileOf(string type) => type switch
    {
        "network" => "net",
        "mount" => "mnt",
        _ => type,
    };
}
