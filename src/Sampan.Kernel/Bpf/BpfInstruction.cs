namespace Sampan.Kernel.Bpf;

/// <summary>
/// Instructions of the kernel's BPF machine as 64-bit values in the layout of struct bpf_insn on a little-endian machine: code, registers, offset,
/// immediate (kernel, bpf/standardization/instruction-set.rst).
/// </summary>
public static class BpfInstruction
{
    /// <summary>Returns from the program with the value of register 0.</summary>
    public static ulong Exit => Make(0x95, 0, 0, 0, 0);

    /// <summary><c>to = *(u32 *)(from + offset)</c>.</summary>
    public static ulong LoadWord(byte to, byte from, short offset) => Make(0x61, to, from, offset, 0);

    /// <summary><c>(u32)to = value</c>.</summary>
    public static ulong Move32(byte to, int value) => Make(0xb4, to, 0, 0, value);

    /// <summary><c>(u32)to &amp;= value</c>.</summary>
    public static ulong And32(byte to, int value) => Make(0x54, to, 0, 0, value);

    /// <summary><c>(u32)to &gt;&gt;= bits</c>.</summary>
    public static ulong RightShift32(byte to, int bits) => Make(0x74, to, 0, 0, bits);

    /// <summary>Jumps over <paramref name="offset"/> instructions.</summary>
    public static ulong Jump(short offset) => Make(0x05, 0, 0, offset, 0);

    /// <summary>Jumps if <c>(u32)register != value</c>.</summary>
    public static ulong JumpIfNotEqual32(byte register, int value, short offset) => Make(0x56, register, 0, offset, value);

    /// <summary>Jumps if <c>(u32)register &amp; bits</c> is not zero.</summary>
    public static ulong JumpIfAnyBit32(byte register, int bits, short offset) => Make(0x46, register, 0, offset, bits);

    /// <summary>The same instruction with another jump offset.</summary>
    public static ulong WithOffset(ulong instruction, short offset) => (instruction & 0xFFFF_FFFF_0000_FFFF) | ((ulong)(ushort)offset << 16);

    private static ulong Make(byte code, byte destination, byte source, short offset, int immediate) =>
        code | ((ulong)destination << 8) | ((ulong)source << 12) | ((ulong)(ushort)offset << 16) | ((ulong)(uint)immediate << 32);
}
