using Sampan.Kernel.Seccomp;
using Sampan.Oci;

namespace Sampan.Runtime.Seccomp;

/// <summary>How an argument is compared (SCMP_CMP_* of seccomp_rule_add(3)).</summary>
internal enum SeccompOperator
{
    NotEqual,
    Less,
    LessOrEqual,
    Equal,
    GreaterOrEqual,
    Greater,
    MaskedEqual,
}

/// <summary>One comparison of an argument, without sign. For <see cref="SeccompOperator.MaskedEqual"/> the value is the mask.</summary>
internal readonly record struct SeccompCondition(uint Index, SeccompOperator Operator, ulong Value, ulong ValueTwo)
{
    private const uint FirstArgument = 16;

    /// <summary>Reads a condition of the specification.</summary>
    /// <exception cref="SpecException">The index is above 5 or there is no such operator.</exception>
    public static SeccompCondition Parse(LinuxSeccompArg arg, string path)
    {
        if (arg.Index > 5)
            throw new SpecException("config.json", path + ".index", $"must be from 0 to 5, found {arg.Index}");
        SeccompOperator comparison = arg.Op switch
        {
            "SCMP_CMP_NE" => SeccompOperator.NotEqual,
            "SCMP_CMP_LT" => SeccompOperator.Less,
            "SCMP_CMP_LE" => SeccompOperator.LessOrEqual,
            "SCMP_CMP_EQ" => SeccompOperator.Equal,
            "SCMP_CMP_GE" => SeccompOperator.GreaterOrEqual,
            "SCMP_CMP_GT" => SeccompOperator.Greater,
            "SCMP_CMP_MASKED_EQ" => SeccompOperator.MaskedEqual,
            _ => throw new SpecException("config.json", path + ".op", $"must be an operator such as SCMP_CMP_EQ, found \"{arg.Op}\""),
        };
        return new SeccompCondition(arg.Index, comparison, arg.Value, arg.ValueTwo);
    }

    /// <summary>
    /// Writes the comparison. The kernel gives each argument as 64 bits in the machine's byte order and BPF reads 32 of them at a time:
    /// the high word decides unless it is equal. With 32-bit arguments only the low word counts, on both sides.
    /// </summary>
    public int Emit(BpfAssembler assembler, bool wide, bool littleEndian, int whenTrue, int whenFalse)
    {
        uint offset = FirstArgument + (8 * Index);
        uint low = littleEndian ? offset : offset + 4;
        uint high = littleEndian ? offset + 4 : offset;
        if (Operator is SeccompOperator.NotEqual or SeccompOperator.Less or SeccompOperator.LessOrEqual)
            (whenTrue, whenFalse) = (whenFalse, whenTrue);
        switch (Operator)
        {
            case SeccompOperator.MaskedEqual:
                int lowMatch = Masked(assembler, low, (uint)Value, (uint)ValueTwo, whenTrue, whenFalse);
                return wide ? Masked(assembler, high, (uint)(Value >> 32), (uint)(ValueTwo >> 32), lowMatch, whenFalse) : lowMatch;
            case SeccompOperator.Equal or SeccompOperator.NotEqual:
                int lowEqual = assembler.Load(low, assembler.Compare(BpfInstruction.JumpEqual, (uint)Value, whenTrue, whenFalse));
                return wide
                    ? assembler.Load(high, assembler.Compare(BpfInstruction.JumpEqual, (uint)(Value >> 32), lowEqual, whenFalse))
                    : lowEqual;
            default:
                ushort code = Operator is SeccompOperator.Greater or SeccompOperator.LessOrEqual
                    ? BpfInstruction.JumpGreater
                    : BpfInstruction.JumpGreaterOrEqual;
                return Ordered(assembler, wide, (low, high), code, (whenTrue, whenFalse));
        }
    }

    private int Ordered(BpfAssembler assembler, bool wide, (uint Low, uint High) at, ushort code, (int True, int False) when)
    {
        int lowWord = assembler.Load(at.Low, assembler.Compare(code, (uint)Value, when.True, when.False));
        if (!wide)
            return lowWord;
        int equal = assembler.Compare(BpfInstruction.JumpEqual, (uint)(Value >> 32), lowWord, when.False);
        return assembler.Load(at.High, assembler.Compare(BpfInstruction.JumpGreater, (uint)(Value >> 32), when.True, equal));
    }

    private static int Masked(BpfAssembler assembler, uint offset, uint mask, uint value, int whenTrue, int whenFalse)
    {
        if (mask == 0)
            return whenTrue;
        int compare = assembler.Compare(BpfInstruction.JumpEqual, value & mask, whenTrue, whenFalse);
        return assembler.Load(offset, mask == uint.MaxValue ? compare : assembler.And(mask, compare));
    }
}
