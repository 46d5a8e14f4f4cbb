using System.Runtime.InteropServices;

namespace Sampan.Kernel.Seccomp;

/// <summary>
/// Writes a classic BPF program from its last instruction to its first. A jump of BPF only goes forward, so that way every target is
/// already written when the jump to it is, and its distance is known; a conditional jump reaches no further than 255 instructions, and
/// where that is too short a plain jump or a second copy of the return is put between. Positions are counted from the end of the program.
/// </summary>
public sealed class BpfAssembler
{
    private const int Reach = 250;
    private readonly BpfInstruction[] _program = new BpfInstruction[BpfInstruction.ProgramLimit];
    private readonly List<(uint Verdict, int Position)> _returns = [];
    private int _length;

    /// <summary>The number of instructions written so far, which is also the position of the one written last.</summary>
    public int Length => _length;

    /// <summary>The position of an instruction that ends the program with <paramref name="verdict"/>; it is written if none is near.</summary>
    /// <exception cref="BpfLimitException">The program has more than 4096 instructions.</exception>
    public int Return(uint verdict)
    {
        Span<(uint Verdict, int Position)> known = CollectionsMarshal.AsSpan(_returns);
        for (int i = 0; i < known.Length; i++)
        {
            if (known[i].Verdict != verdict)
                continue;
            if (_length - known[i].Position > Reach)
                known[i].Position = Emit(new BpfInstruction(BpfInstruction.Return, 0, 0, verdict));
            return known[i].Position;
        }
        int position = Emit(new BpfInstruction(BpfInstruction.Return, 0, 0, verdict));
        _returns.Add((verdict, position));
        return position;
    }

    /// <summary>Loads the word at <paramref name="offset"/> of <c>struct seccomp_data</c>, and goes on at <paramref name="next"/>.</summary>
    /// <exception cref="BpfLimitException">The program has more than 4096 instructions.</exception>
    public int Load(uint offset, int next) => Step(new BpfInstruction(BpfInstruction.Load, 0, 0, offset), next);

    /// <summary>Masks the accumulator with <paramref name="mask"/>, and goes on at <paramref name="next"/>.</summary>
    /// <exception cref="BpfLimitException">The program has more than 4096 instructions.</exception>
    public int And(uint mask, int next) => Step(new BpfInstruction(BpfInstruction.And, 0, 0, mask), next);

    /// <summary>Compares the accumulator, and goes on at one of two positions; when they are the same, nothing is written.</summary>
    /// <param name="code"><see cref="BpfInstruction.JumpEqual"/>, <see cref="BpfInstruction.JumpGreater"/> or <see cref="BpfInstruction.JumpGreaterOrEqual"/>.</param>
    /// <param name="value">What it is compared with.</param>
    /// <param name="whenTrue">The position to go on at when the comparison holds.</param>
    /// <param name="whenFalse">The position to go on at when it does not.</param>
    /// <exception cref="BpfLimitException">The program has more than 4096 instructions.</exception>
    public int Compare(ushort code, uint value, int whenTrue, int whenFalse)
    {
        if (whenTrue == whenFalse)
            return whenTrue;
        whenTrue = Near(whenTrue);
        whenFalse = Near(whenFalse);
        return Emit(new BpfInstruction(code, (byte)(_length - whenTrue), (byte)(_length - whenFalse), value));
    }

    /// <summary>The program that begins at <paramref name="start"/>, as the bytes of an array of <c>struct sock_filter</c>.</summary>
    /// <exception cref="BpfLimitException">The program has more than 4096 instructions.</exception>
    public byte[] ToBytes(int start)
    {
        if (start != _length)
            _ = Emit(new BpfInstruction(BpfInstruction.Jump, 0, 0, (uint)(_length - start)));
        return MemoryMarshal.AsBytes(_program.AsSpan(_program.Length - _length)).ToArray();
    }

    private int Step(BpfInstruction instruction, int next)
    {
        if (next != _length)
            _ = Emit(new BpfInstruction(BpfInstruction.Jump, 0, 0, (uint)(_length - next)));
        return Emit(instruction);
    }

    private int Near(int position)
    {
        if (_length - position <= Reach)
            return position;
        BpfInstruction target = _program[_program.Length - position];
        return target.Code == BpfInstruction.Return
            ? Return(target.Value)
            : Emit(new BpfInstruction(BpfInstruction.Jump, 0, 0, (uint)(_length - position)));
    }

    private int Emit(BpfInstruction instruction)
    {
        if (_length == _program.Length)
            throw new BpfLimitException();
        _length++;
        _program[^_length] = instruction;
        return _length;
    }
}
