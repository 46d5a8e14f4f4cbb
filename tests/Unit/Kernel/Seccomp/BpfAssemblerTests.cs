using Sampan.Kernel.Seccomp;
using Sampan.Tests.Unit.Runtime.Seccomp;

namespace Sampan.Tests.Unit.Kernel.Seccomp;

public class BpfAssemblerTests
{
    [Fact]
    public void AJumpFurtherThanABytesReachGetsThereAllTheSame()
    {
        var assembler = new BpfAssembler();
        int other = assembler.Return(7);
        int far = assembler.Load(16, assembler.Compare(BpfInstruction.JumpEqual, 5, assembler.Return(1), other));
        int position = assembler.Return(2);
        for (uint i = 0; i < 600; i++)
            position = assembler.Compare(BpfInstruction.JumpEqual, 1000 + i, far, position);
        var machine = new BpfMachine(assembler.ToBytes(assembler.Load(0, position)));
        for (uint i = 0; i < 600; i++)
        {
            Assert.Equal(1u, machine.Run(0, 1000 + i, 5));
            Assert.Equal(7u, machine.Run(0, 1000 + i, 6));
        }
        Assert.Equal(2u, machine.Run(0, 999));
        Assert.Equal(2u, machine.Run(0, 1600));
    }

    [Fact]
    public void AProgramThatDoesNotBeginWithItsLastWrittenInstructionBeginsWithAJump()
    {
        var assembler = new BpfAssembler();
        int start = assembler.Return(1);
        _ = assembler.Return(2);
        Assert.Equal(1u, new BpfMachine(assembler.ToBytes(start)).Run(0, 0));
    }

    [Fact]
    public void MoreThan4096InstructionsAreRefused()
    {
        var assembler = new BpfAssembler();
        int position = assembler.Return(0);
        while (assembler.Length < BpfInstruction.ProgramLimit)
            position = assembler.Load(0, position);
        Assert.Throws<BpfLimitException>(() => assembler.Load(0, position));
        Assert.Equal(8 * BpfInstruction.ProgramLimit, assembler.ToBytes(position).Length);
    }
}
