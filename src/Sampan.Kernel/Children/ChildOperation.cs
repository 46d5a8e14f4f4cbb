using System.Runtime.InteropServices;

namespace Sampan.Kernel.Children;

/// <summary>What an operation of a <see cref="ChildProgram"/> does.</summary>
internal enum OperationKind
{
    /// <summary>Makes the system call <c>Number</c> with <c>A0</c> … <c>A5</c>.</summary>
    Syscall,

    /// <summary>Goes on at <c>Target</c> if <c>A0</c> compares to <c>A1</c> as <c>Number</c> (a <see cref="ChildComparison"/>) says.</summary>
    Jump,

    /// <summary>Puts <c>A1</c> bytes (4 or 8) at address <c>A0</c>, masked by <c>A2</c>, into the result register.</summary>
    Load,

    /// <summary>Writes <c>A2</c> as <c>A1</c> bytes (1, 4 or 8) to address <c>A0</c>.</summary>
    Store,

    /// <summary>Puts <c>A0</c> into the result register.</summary>
    Move,

    /// <summary>Writes <c>A1</c> as decimal digits and a NUL to address <c>A0</c>.</summary>
    FormatNumber,

    /// <summary>Fails with error number <c>A0</c>.</summary>
    Fail,
}

/// <summary>How a jump compares.</summary>
public enum ChildComparison
{
    /// <summary>Always goes.</summary>
    Always,

    /// <summary>If both are the same.</summary>
    Equal,

    /// <summary>If they differ.</summary>
    NotEqual,
}

/// <summary>One operation, in unmanaged memory, read by the child.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ChildOperation
{
    public const int NoRegister = -1;
    public const int Next = -1;

    /// <summary>Any error number, in <see cref="Errno0"/> and the like.</summary>
    public const int AnyErrno = -1;

    public OperationKind Kind;

    /// <summary>Bit i: argument i is the number of a register.</summary>
    public int Registers;

    /// <summary>Where the result goes, or <see cref="NoRegister"/>.</summary>
    public int Result;

    /// <summary>Where a jump goes.</summary>
    public int Target;

    /// <summary>Up to three error numbers that do not end the child, and where it goes on after each; 0 for none.</summary>
    public int Errno0, Target0, Errno1, Target1, Errno2, Target2;

    /// <summary>The sentence for a failure that nobody can look up by number any more; 0 for none.</summary>
    public nint Text;

    /// <summary>Its length in bytes.</summary>
    public nint TextLength;

    public nint Number, A0, A1, A2, A3, A4, A5;
}

/// <summary>A register of the child: the result of one operation, an argument of later ones.</summary>
/// <param name="Number">Its place, from 0.</param>
public readonly record struct ChildRegister(int Number);

/// <summary>A place in a program that operations jump to.</summary>
/// <param name="Number">Which of the program's labels.</param>
public readonly record struct ChildLabel(int Number);

/// <summary>An argument of an operation: a number, an address in the program's memory, or a register.</summary>
public readonly record struct ChildValue(nint Number, bool IsRegister)
{
    /// <summary>A number.</summary>
    public static implicit operator ChildValue(int value) => new(value, false);

    /// <summary>A number or an address.</summary>
    public static implicit operator ChildValue(nint value) => new(value, false);

    /// <summary>A number.</summary>
    public static implicit operator ChildValue(uint value) => new((nint)value, false);

    /// <summary>The content of a register.</summary>
    public static implicit operator ChildValue(ChildRegister register) => new(register.Number, true);

    /// <summary>The number of a descriptor that the child inherits.</summary>
    public static implicit operator ChildValue(FileDescriptor file) => new(file.Number, false);
}
