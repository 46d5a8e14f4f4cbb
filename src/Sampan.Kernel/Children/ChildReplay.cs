using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sampan.Kernel.Children;

/// <summary>What the replay loop works on; all of it lies in the program's unmanaged memory.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ReplayState
{
    public ChildOperation* Operations;
    public nint* Registers;
    public byte* Report;
    public delegate*<nint, nint, nint, nint, nint, nint, nint, nint> Syscall;
    public nint WriteNumber, ExitNumber;
    public int Count, ReportDescriptor;
}

/// <summary>
/// The child's loop. Nothing in it may allocate, throw, touch a static field or call outside this class except through the raw stub: the child has one
/// thread, and whatever lock or collection another thread of the parent was in at the moment of the clone never ends here.
/// tests/Integration/Leaks reads the disassembly of this class for the collector's poll.
/// </summary>
internal static unsafe class ChildReplay
{
    /// <summary>Clones and replays in the child; in the parent returns the pid or minus the error number.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static nint CloneAndReplay(ReplayState* state, nint clone3, nint arguments, nint size)
    {
        nint pid = state->Syscall(clone3, arguments, size, 0, 0, 0, 0);
        if (pid == 0)
            Replay(state);
        return pid;
    }

    /// <summary>
    /// Runs every path of the loop once in the parent, so that the just-in-time compiler, where there is one (tests run under it), has nothing left to
    /// compile in a child. The methods are compiled once and for good: a counted call would enter the runtime.
    /// </summary>
    public static void Prepare(ReplayState* state)
    {
        nint* memory = stackalloc nint[8];
        var operation = new ChildOperation { Kind = OperationKind.Syscall, Result = ChildOperation.NoRegister, Number = SyscallNumbers.getpid };
        _ = Step(state, &operation, 0);
        operation.Kind = OperationKind.Jump;
        _ = Step(state, &operation, 0);
        operation.Kind = OperationKind.FormatNumber;
        operation.A0 = (nint)memory;
        _ = Step(state, &operation, 0);
        operation.Kind = OperationKind.Fail;
        operation.A0 = 1;
        (operation.Errno0, operation.Target0) = (1, ChildOperation.Next);
        _ = Step(state, &operation, 0);
        var replay = new ReplayState { Syscall = state->Syscall, ExitNumber = SyscallNumbers.getpid };
        Replay(&replay);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Replay(ReplayState* state)
    {
        int next = 0;
        while (next < state->Count)
        {
            ChildOperation* operation = state->Operations + next;
            next = Step(state, operation, next);
        }
        _ = state->Syscall(state->ExitNumber, 0, 0, 0, 0, 0, 0);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static int Step(ReplayState* state, ChildOperation* o, int index)
    {
        nint* r = state->Registers;
        nint a0 = (o->Registers & 1) != 0 ? r[o->A0] : o->A0;
        nint a1 = (o->Registers & 2) != 0 ? r[o->A1] : o->A1;
        nint a2 = (o->Registers & 4) != 0 ? r[o->A2] : o->A2;
        nint result;
        if (o->Kind == OperationKind.Syscall)
        {
            nint a3 = (o->Registers & 8) != 0 ? r[o->A3] : o->A3;
            nint a4 = (o->Registers & 16) != 0 ? r[o->A4] : o->A4;
            nint a5 = (o->Registers & 32) != 0 ? r[o->A5] : o->A5;
            do
            {
                result = state->Syscall(o->Number, a0, a1, a2, a3, a4, a5);
            }
            while (result == -4); // EINTR
        }
        else if (o->Kind == OperationKind.Jump)
        {
            bool goes = o->Number == (nint)ChildComparison.Always
                || (o->Number == (nint)ChildComparison.Equal ? a0 == a1 : a0 != a1);
            return goes ? o->Target : index + 1;
        }
        else
        {
            result = Memory(o->Kind, a0, a1, a2);
        }
        if (o->Result != ChildOperation.NoRegister)
            r[o->Result] = result;
        return result is < 0 and > -4096 && o->Kind != OperationKind.Load && o->Kind != OperationKind.Move ? Failed(state, o, index, (int)-result) : index + 1;
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static nint Memory(OperationKind kind, nint a0, nint a1, nint a2)
    {
        if (kind == OperationKind.Load)
            return (a1 == 8 ? *(nint*)a0 : a1 == 4 ? *(int*)a0 : *(ushort*)a0) & a2;
        if (kind == OperationKind.Move)
            return a0;
        if (kind == OperationKind.Fail)
            return a0 > 0 ? -a0 : a0;
        if (kind == OperationKind.FormatNumber)
        {
            Format((byte*)a0, a1);
            return 0;
        }
        if (a1 == 8)
            *(nint*)a0 = a2;
        else if (a1 == 4)
            *(int*)a0 = (int)a2;
        else
            *(byte*)a0 = (byte)a2;
        return 0;
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Format(byte* at, nint value)
    {
        nint divisor = 1;
        while (value / divisor >= 10)
            divisor *= 10;
        for (; divisor > 0; divisor /= 10)
            *at++ = (byte)('0' + (value / divisor % 10));
        *at = 0;
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static int Failed(ReplayState* state, ChildOperation* o, int index, int errno)
    {
        int target = -2;
        if (o->Errno0 == errno || o->Errno0 == ChildOperation.AnyErrno)
            target = o->Target0;
        else if (o->Errno1 == errno || o->Errno1 == ChildOperation.AnyErrno)
            target = o->Target1;
        else if (o->Errno2 == errno || o->Errno2 == ChildOperation.AnyErrno)
            target = o->Target2;
        if (target != -2)
            return target == ChildOperation.Next ? index + 1 : target;
        int* report = (int*)state->Report;
        report[0] = (int)ChildReportKind.Failed;
        report[1] = index;
        report[2] = errno;
        report[3] = (int)o->TextLength;
        _ = state->Syscall(state->WriteNumber, state->ReportDescriptor, (nint)report, ChildReport.HeaderSize, 0, 0, 0);
        if (o->TextLength > 0)
            _ = state->Syscall(state->WriteNumber, state->ReportDescriptor, o->Text, o->TextLength, 0, 0, 0);
        while (true)
            _ = state->Syscall(state->ExitNumber, 1, 0, 0, 0, 0, 0);
    }
}
