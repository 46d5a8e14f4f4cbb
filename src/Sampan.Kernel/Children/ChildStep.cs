using System.Globalization;
using System.Text;

namespace Sampan.Kernel.Children;

/// <summary>An operation just added to a program, to say where its result goes and which errors do not end the child.</summary>
public readonly struct ChildStep
{
    private readonly ChildProgram _program;

    internal ChildStep(ChildProgram program, int index)
    {
        _program = program;
        Index = index;
    }

    internal int Index { get; }

    /// <summary>Puts the result into <paramref name="register"/>; minus the error number, where a rule lets a failure pass.</summary>
    public ChildStep Into(ChildRegister register)
    {
        _program.At(Index).Result = register.Number;
        return this;
    }

    /// <summary>After this error the child goes on with the next operation.</summary>
    public ChildStep Ignore(Errno errno) => Rule((int)errno, ChildOperation.Next);

    /// <summary>After any error the child goes on with the next operation.</summary>
    public ChildStep IgnoreAll() => Rule(ChildOperation.AnyErrno, ChildOperation.Next);

    /// <summary>After this error the child goes on at <paramref name="target"/>.</summary>
    public ChildStep On(Errno errno, ChildLabel target) => Rule((int)errno, target.Number);

    /// <summary>After any error without a rule of its own the child goes on at <paramref name="target"/>.</summary>
    public ChildStep OnAny(ChildLabel target) => Rule(ChildOperation.AnyErrno, target.Number);

    private ChildStep Rule(int errno, int target)
    {
        ref ChildOperation operation = ref _program.At(Index);
        if (operation.Errno0 == 0)
            (operation.Errno0, operation.Target0) = (errno, target);
        else if (operation.Errno1 == 0)
            (operation.Errno1, operation.Target1) = (errno, target);
        else if (operation.Errno2 == 0)
            (operation.Errno2, operation.Target2) = (errno, target);
        else
            throw new InvalidOperationException("an operation has at most three rules for errors");
        return this;
    }
}

public sealed unsafe partial class ChildProgram
{
    /// <summary>The program as text, an operation a line: its number, the call with its arguments (rN is a register), where errors go, and what it is for.</summary>
    public string Print()
    {
        var text = new StringBuilder();
        for (int i = 0; i < Count; i++)
        {
            ref ChildOperation o = ref _operations[i];
            _ = text.Append(CultureInfo.InvariantCulture, $"{i,4} {Name(o)}({Argument(o, 0, o.A0)}, {Argument(o, 1, o.A1)}, {Argument(o, 2, o.A2)}, {Argument(o, 3, o.A3)}, {Argument(o, 4, o.A4)})");
            if (o.Result != ChildOperation.NoRegister)
                _ = text.Append(CultureInfo.InvariantCulture, $" → r{o.Result}");
            _ = text.Append("  # ").Append(_descriptions[i].ToString()).Append('\n');
        }
        return text.ToString();
    }

    private static string Name(in ChildOperation operation) =>
        operation.Kind == OperationKind.Syscall ? SyscallNumbers.NameOf(operation.Number) : operation.Kind.ToString();

    private static string Argument(in ChildOperation operation, int index, nint value) =>
        (operation.Registers & (1 << index)) != 0 ? $"r{value}" : value is > -4096 and < 0x1000000 ? $"{value}" : $"0x{value:x}";
}
