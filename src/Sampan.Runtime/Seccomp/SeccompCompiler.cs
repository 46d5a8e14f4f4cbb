using Sampan.Kernel.Seccomp;
using Sampan.Oci;

namespace Sampan.Runtime.Seccomp;

/// <summary>
/// Turns a profile of the OCI runtime specification into a seccomp filter. For each architecture the line of all numbers is cut into
/// ranges of one verdict, and the ranges become a balanced tree of comparisons, so that a call passes about seven instructions.
/// docs/decisions/ says why this is not left to libseccomp, and in what the two differ.
/// </summary>
public static class SeccompCompiler
{
    private const uint NumberOffset = 0;
    private const uint ArchitectureOffset = 4;

    /// <summary>Compiles <paramref name="seccomp"/>. The native architecture is always included; calls of any other are killed.</summary>
    /// <exception cref="SpecException">
    /// An action, operator, flag or architecture is unknown; the parts contradict each other; or the filter would be too long.
    /// Unknown system calls are no error: a profile may know calls that this version does not.
    /// </exception>
    public static SeccompFilter Compile(LinuxSeccomp seccomp)
    {
        SeccompProfile profile = SeccompProfile.From(seccomp);
        List<SyscallArchitecture> architectures = Architectures(seccomp.Architectures);
        var assembler = new BpfAssembler();
        try
        {
            int start = Emit(profile, architectures, assembler);
            return new SeccompFilter(assembler.ToBytes(start), profile.Flags, profile.HasListener);
        }
        catch (BpfLimitException)
        {
            throw new SpecException(
                "config.json",
                "linux.seccomp.syscalls",
                $"must be fewer: they make a filter of more than the kernel's {BpfInstruction.ProgramLimit} instructions");
        }
    }

    private static int Emit(SeccompProfile profile, List<SyscallArchitecture> architectures, BpfAssembler assembler)
    {
        Span<(uint Audit, int Position)> sections = stackalloc (uint, int)[architectures.Count];
        int count = 0;
        for (int i = architectures.Count - 1; i >= 0; i--)
        {
            SyscallArchitecture architecture = architectures[i];
            if (architecture == SyscallArchitecture.X32 && architectures.Contains(SyscallArchitecture.X86_64))
                continue;
            bool withX32 = architecture == SyscallArchitecture.X86_64 && architectures.Contains(SyscallArchitecture.X32);
            int tree = new SeccompTree(profile, assembler, architecture, withX32).Emit();
            sections[count++] = (SyscallArchitectures.AuditNumber(architecture), assembler.Load(NumberOffset, tree));
        }
        int position = assembler.Return(SeccompVerdict.KillThread);
        foreach ((uint audit, int section) in sections[..count])
            position = assembler.Compare(BpfInstruction.JumpEqual, audit, section, position);
        return assembler.Load(ArchitectureOffset, position);
    }

    private static List<SyscallArchitecture> Architectures(List<string>? names)
    {
        SyscallArchitecture native = SyscallArchitectures.Native;
        var architectures = new List<SyscallArchitecture> { native };
        for (int i = 0; i < names?.Count; i++)
        {
            string path = $"linux.seccomp.architectures[{i}]";
            if (SyscallArchitectures.Parse(names[i]) is not { } architecture)
                throw new SpecException("config.json", path, $"must be an architecture such as SCMP_ARCH_X86_64, found \"{names[i]}\"");
            if (SyscallArchitectures.IsLittleEndian(architecture) != SyscallArchitectures.IsLittleEndian(native))
                throw new SpecException("config.json", path, $"must be of this machine's byte order, found {names[i]}");
            if (!architectures.Contains(architecture))
                architectures.Add(architecture);
        }
        return architectures;
    }
}
