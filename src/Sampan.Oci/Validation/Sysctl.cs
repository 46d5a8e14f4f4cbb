namespace Sampan.Oci;

/// <summary>
/// The name of a kernel parameter (sysctl(8)): words between dots or between slashes. The separator that comes first in the name is the
/// separator, and the other one stands for itself turned round: <c>net.ipv4.conf.eno2/100.rp_filter</c> and
/// <c>net/ipv4/conf/eno2.100/rp_filter</c> are the same parameter.
/// </summary>
public static class Sysctl
{
    /// <summary>
    /// The parameter's file below /proc/sys, for instance <c>net/ipv4/ip_forward</c>; <see langword="null"/> when the name is not one:
    /// empty, with an empty word, or with <c>.</c> or <c>..</c> as a word, which would lead elsewhere.
    /// </summary>
    public static string? PathOf(string name)
    {
        int first = name.AsSpan().IndexOfAny('.', '/');
        string path = first >= 0 && name[first] == '.'
            ? string.Create(name.Length, name, static (turned, original) =>
            {
                for (int i = 0; i < turned.Length; i++)
                    turned[i] = original[i] switch { '.' => '/', '/' => '.', char other => other };
            })
            : name;
        foreach (Range word in path.AsSpan().Split('/'))
        {
            if (path.AsSpan(word) is "" or "." or "..")
                return null;
        }
        return path;
    }

    /// <summary>
    /// The type of the namespace to which the parameter with this path belongs: <c>ipc</c>, <c>network</c> or <c>uts</c>;
    /// <see langword="null"/> when it is the whole machine's, or must not be set this way.
    /// </summary>
    public static string? NamespaceOf(string path) => path switch
    {
        "kernel/msgmax" or "kernel/msgmnb" or "kernel/msgmni" or "kernel/sem" or "kernel/shmall" or "kernel/shmmax" or "kernel/shmmni"
            or "kernel/shm_rmid_forced" or "kernel/msg_next_id" or "kernel/sem_next_id" or "kernel/shm_next_id" or "kernel/auto_msgmni" => "ipc",
        "kernel/domainname" => "uts",
        _ when path.StartsWith("fs/mqueue/", StringComparison.Ordinal) => "ipc",
        _ when path.StartsWith("net/", StringComparison.Ordinal) => "network",
        _ => null,
    };
}
