using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Sampan.Kernel.Seccomp;

namespace Sampan.Tests.Unit.Runtime.Seccomp;

/// <summary>Runs a classic BPF program over a <c>struct seccomp_data</c>, as the kernel does, and refuses what the kernel's checker refuses.</summary>
internal sealed class BpfMachine
{
    private readonly BpfInstruction[] _program;

    public BpfMachine(byte[] program)
    {
        Assert.True(program.Length % 8 == 0 && program.Length is > 0 and <= 8 * BpfInstruction.ProgramLimit, $"{program.Length} bytes");
        _program = MemoryMarshal.Cast<byte, BpfInstruction>(program).ToArray();
        for (int i = 0; i < _program.Length; i++)
            Check(i);
    }

    public int Length => _program.Length;

    /// <summary>How many instructions the last run took.</summary>
    public int Steps { get; private set; }

    public uint Run(uint audit, uint number, params ReadOnlySpan<ulong> args)
    {
        Span<byte> data = stackalloc byte[64];
        data.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(data, number);
        BinaryPrimitives.WriteUInt32LittleEndian(data[4..], audit);
        for (int i = 0; i < args.Length; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(data[(16 + (8 * i))..], args[i]);
        uint a = 0;
        Steps = 0;
        for (int at = 0; ; at++)
        {
            Steps++;
            BpfInstruction it = _program[at];
            switch (it.Code)
            {
                case BpfInstruction.Load:
                    a = BinaryPrimitives.ReadUInt32LittleEndian(data[(int)it.Value..]);
                    break;
                case BpfInstruction.And:
                    a &= it.Value;
                    break;
                case BpfInstruction.Jump:
                    at += (int)it.Value;
                    break;
                case BpfInstruction.Return:
                    return it.Value;
                default:
                    at += Holds(it, a) ? it.JumpTrue : it.JumpFalse;
                    break;
            }
        }
    }

    private static bool Holds(BpfInstruction it, uint a) => it.Code switch
    {
        BpfInstruction.JumpEqual => a == it.Value,
        BpfInstruction.JumpGreater => a > it.Value,
        BpfInstruction.JumpGreaterOrEqual => a >= it.Value,
        0x45 => (a & it.Value) != 0,
        _ => throw new InvalidOperationException($"instruction 0x{it.Code:x}"),
    };

    private void Check(int at)
    {
        BpfInstruction it = _program[at];
        long furthest = it.Code switch
        {
            BpfInstruction.Jump => at + 1L + it.Value,
            BpfInstruction.Return => at,
            BpfInstruction.Load => it.Value % 4 == 0 && it.Value < 64 ? at + 1 : long.MaxValue,
            BpfInstruction.And => at + 1,
            _ => at + 1L + Math.Max(it.JumpTrue, it.JumpFalse),
        };
        Assert.True(furthest < _program.Length, $"instruction {at} leaves the program");
    }
}
