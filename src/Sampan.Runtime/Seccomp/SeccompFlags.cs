using Sampan.Kernel;

namespace Sampan.Runtime.Seccomp;

/// <summary>The flags of a filter: SECCOMP_FILTER_FLAG_* of seccomp(2).</summary>
internal static class SeccompFlags
{
    public const uint Tsync = 1, Log = 2, SpecAllow = 4, NewListener = 8, WaitKillableReceive = 32;

    /// <summary>The bit of a name of linux.seccomp.flags; null where there is no such flag.</summary>
    public static uint? Bit(string name) => name switch
    {
        "SECCOMP_FILTER_FLAG_TSYNC" => Tsync,
        "SECCOMP_FILTER_FLAG_LOG" => Log,
        "SECCOMP_FILTER_FLAG_SPEC_ALLOW" => SpecAllow,
        "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV" => WaitKillableReceive,
        _ => null,
    };

    /// <summary>Whether this kernel takes the flag.</summary>
    public static bool IsSupported(uint flag) => Syscalls.SeccompTakesFlags(flag == WaitKillableReceive ? flag | NewListener : flag);
}
