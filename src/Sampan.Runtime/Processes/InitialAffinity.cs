using Sampan.Kernel;

namespace Sampan.Runtime.Processes;

/// <summary>
/// <c>execCPUAffinity.initial</c>: the processors of a process until it has joined its cgroup. The runtime's own thread takes them for the moment of the
/// clone, and the child inherits them; in version 2 it is born in its cgroup, whose cpuset would refuse what lies outside.
/// </summary>
internal sealed class InitialAffinity : IDisposable
{
    private readonly CpuSet _before;

    private InitialAffinity(CpuSet before) => _before = before;

    /// <summary>Takes the processors of a list, until it is disposed; null where there is no list.</summary>
    /// <exception cref="RuntimeException">It is no list, or none of its processors may be used here.</exception>
    public static InitialAffinity? Take(string? cpus)
    {
        if (string.IsNullOrEmpty(cpus))
            return null;
        CpuSet wanted = SchedulingProgram.Parse(cpus, "process.execCPUAffinity.initial");
        var taken = new InitialAffinity(Syscalls.SchedGetAffinity());
        try
        {
            Syscalls.SchedSetAffinity(0, wanted);
        }
        catch (KernelException refused)
        {
            throw new RuntimeException($"process.execCPUAffinity.initial: none of the processors {cpus} may be used here: {KernelException.Describe(refused.Errno)}", RuntimeErrorKind.InvalidArgument, refused);
        }
        return taken;
    }

    public void Dispose() => Syscalls.SchedSetAffinity(0, _before);
}
