using System.Runtime.InteropServices;

namespace Sampan.Kernel.Seccomp;

/// <summary>
/// One instruction of a classic BPF program: <c>struct sock_filter</c> of linux/filter.h, eight bytes in the machine's byte order.
/// </summary>
/// <param name="Code">What to do: one of the constants of this type.</param>
/// <param name="JumpTrue">Instructions to skip when a jump's condition holds.</param>
/// <param name="JumpFalse">Instructions to skip when it does not.</param>
/// <param name="Value">The operand, <c>k</c> in the kernel's documentation.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public readonly record struct BpfInstruction(ushort Code, byte JumpTrue, byte JumpFalse, uint Value)
{
    /// <summary>The kernel's limit for a program, in instructions (BPF_MAXINSNS).</summary>
    public const int ProgramLimit = 4096;

    /// <summary>BPF_LD | BPF_W | BPF_ABS: loads the 32-bit word at an offset of <c>struct seccomp_data</c>.</summary>
    public const ushort Load = 0x20;

    /// <summary>BPF_ALU | BPF_AND | BPF_K: masks the accumulator.</summary>
    public const ushort And = 0x54;

    /// <summary>BPF_JMP | BPF_JA: skips as many instructions as the operand says.</summary>
    public const ushort Jump = 0x05;

    /// <summary>BPF_JMP | BPF_JEQ | BPF_K: is the accumulator equal to the operand?</summary>
    public const ushort JumpEqual = 0x15;

    /// <summary>BPF_JMP | BPF_JGT | BPF_K: is it greater, without sign?</summary>
    public const ushort JumpGreater = 0x25;

    /// <summary>BPF_JMP | BPF_JGE | BPF_K: is it greater or equal, without sign?</summary>
    public const ushort JumpGreaterOrEqual = 0x35;

    /// <summary>BPF_RET | BPF_K: ends with the operand as the filter's verdict.</summary>
    public const ushort Return = 0x06;
}
