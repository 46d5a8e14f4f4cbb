namespace Sampan.Kernel.Seccomp;

/// <summary>A program of classic BPF would have more than <see cref="BpfInstruction.ProgramLimit"/> instructions, which the kernel refuses.</summary>
public sealed class BpfLimitException : Exception
{
    /// <summary>Makes the exception.</summary>
    public BpfLimitException()
        : base($"a filter may have {BpfInstruction.ProgramLimit} instructions at most")
    {
    }
}
