using Sampan.Oci;

namespace Sampan.Runtime.Seccomp;

/// <summary>The verdicts that a filter returns (SECCOMP_RET_* of linux/seccomp.h): an action in the upper half, its data in the lower.</summary>
internal static class SeccompVerdict
{
    public const uint KillProcess = 0x80000000;
    public const uint KillThread = 0;
    public const uint Trap = 0x00030000;
    public const uint Errno = 0x00050000;
    public const uint Notify = 0x7fc00000;
    public const uint Trace = 0x7ff00000;
    public const uint Log = 0x7ffc0000;
    public const uint Allow = 0x7fff0000;
    public const uint NoSuchCall = Errno | (uint)Kernel.Errno.ENOSYS;

    private const uint ActionBits = 0xffff0000;

    /// <summary>The verdict for an action of the specification and its error number, EPERM where none is given.</summary>
    /// <exception cref="SpecException">There is no such action, or it takes no error number, or the number is too large.</exception>
    public static uint Parse(string action, uint? errnoRet, string path, string errnoPath)
    {
        uint verdict = action switch
        {
            "SCMP_ACT_KILL" or "SCMP_ACT_KILL_THREAD" => KillThread,
            "SCMP_ACT_KILL_PROCESS" => KillProcess,
            "SCMP_ACT_TRAP" => Trap,
            "SCMP_ACT_ERRNO" => Errno,
            "SCMP_ACT_TRACE" => Trace,
            "SCMP_ACT_ALLOW" => Allow,
            "SCMP_ACT_LOG" => Log,
            "SCMP_ACT_NOTIFY" => Notify,
            _ => throw new SpecException("config.json", path, $"must be an action such as SCMP_ACT_ERRNO, found \"{action}\""),
        };
        if (verdict is not (Errno or Trace))
        {
            return errnoRet is null
                ? verdict
                : throw new SpecException("config.json", errnoPath, $"must not be given, because {action} takes no error number");
        }
        uint most = verdict == Errno ? 4095u : ushort.MaxValue;
        if (errnoRet > most)
            throw new SpecException("config.json", errnoPath, $"must be {most} at most for {action}, found {errnoRet}");
        return verdict | (errnoRet ?? (uint)Kernel.Errno.EPERM);
    }

    /// <summary>The stricter of two verdicts: the one that the kernel would prefer when two filters disagree.</summary>
    public static uint Stricter(uint one, uint other) => (int)(one & ActionBits) <= (int)(other & ActionBits) ? one : other;

    /// <summary>Whether a call gets through in some way: a number that nobody knows is then left to the kernel or the tracer.</summary>
    public static bool IsPermissive(uint verdict) => (verdict & ActionBits) is Allow or Log or Trace;
}
