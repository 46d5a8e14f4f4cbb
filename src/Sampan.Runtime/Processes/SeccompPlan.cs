using Sampan.Runtime.Seccomp;

namespace Sampan.Runtime.Processes;

/// <summary>The compiled filter of a process, and where its listener goes.</summary>
/// <param name="Filter">The filter.</param>
/// <param name="ListenerPath">The socket of the seccomp agent; null without SCMP_ACT_NOTIFY.</param>
/// <param name="ListenerMetadata">What the agent is told.</param>
internal sealed record SeccompPlan(SeccompFilter Filter, string? ListenerPath, string? ListenerMetadata)
{
    /// <summary>Compiles linux.seccomp; null where there is none.</summary>
    public static SeccompPlan? From(Sampan.Oci.LinuxSeccomp? seccomp) =>
        seccomp is null ? null : new SeccompPlan(SeccompCompiler.Compile(seccomp), seccomp.ListenerPath, seccomp.ListenerMetadata);
}
