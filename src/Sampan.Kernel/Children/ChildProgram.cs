using System.Runtime.InteropServices;
using System.Text;

namespace Sampan.Kernel.Children;

/// <summary>
/// A list of operations that a child made by clone3(2) replays from its first instruction to execve(2).
/// <para>
/// Life cycle: the parent builds the program (everything it needs lies in the program's own unmanaged memory), starts a child with
/// <see cref="ChildProcess.Start"/>, and disposes the program; the child works on its copy-on-write copy. The child allocates nothing, calls no
/// managed code outside the replay loop and never returns. An operation that fails and has no rule for its error number ends the child: it sends a
/// <see cref="ChildReport"/> with the operation's number and the error to the report descriptor and exits with status 1.
/// </para>
/// <para>A program is data: <see cref="Print"/> shows it, and tests read it without running it.</para>
/// </summary>
public sealed unsafe partial class ChildProgram : IDisposable
{
    private const int BlockSize = 64 * 1024;
    private const int TypicalCount = 512; // a container's start
    private readonly List<nint> _blocks = [];
    private readonly List<StepText> _descriptions = new(TypicalCount);
    private readonly List<int> _labels = [];
    private ChildOperation* _operations = (ChildOperation*)NativeMemory.Alloc(TypicalCount, (nuint)sizeof(ChildOperation));
    private int _capacity = TypicalCount;
    private int _registers;
    private byte* _free;
    private int _left;
    private bool _sealed;

    /// <summary>How many operations the program has.</summary>
    public int Count { get; private set; }

    /// <summary>From here on each operation carries its sentence in the program's memory, for a reader of the report who has no access to the program.</summary>
    public bool CarriesTexts { get; set; }

    /// <summary>A new register; it holds 0 until an operation writes it.</summary>
    public ChildRegister NewRegister() => new(_registers++);

    /// <summary>A new label, to be placed by <see cref="Mark"/>.</summary>
    public ChildLabel NewLabel()
    {
        _labels.Add(-1);
        return new ChildLabel(_labels.Count - 1);
    }

    /// <summary>Places a label before the next operation.</summary>
    public void Mark(ChildLabel label) => _labels[label.Number] = Count;

    /// <summary>The sentence of an operation: what it does, as in "mount proc at /proc".</summary>
    public string Describe(int operation) =>
        operation >= 0 && operation < _descriptions.Count ? _descriptions[operation].ToString() : $"operation {operation}";

    /// <summary>Zeroed memory of the program, aligned to 16 bytes.</summary>
    /// <param name="size">Its size in bytes.</param>
    public nint Buffer(int size)
    {
        size = (size + 15) & ~15;
        if (size > _left)
        {
            int block = Math.Max(BlockSize, size);
            _free = (byte*)NativeMemory.AlignedAlloc((nuint)block, 16);
            _left = block;
            _blocks.Add((nint)_free);
        }
        byte* start = _free;
        _free += size;
        _left -= size;
        new Span<byte>(start, size).Clear();
        return (nint)start;
    }

    /// <summary>A copy of <paramref name="bytes"/> in the program's memory.</summary>
    public nint Bytes(ReadOnlySpan<byte> bytes)
    {
        nint address = Buffer(bytes.Length);
        bytes.CopyTo(new Span<byte>((byte*)address, bytes.Length));
        return address;
    }

    /// <summary>A copy of an unmanaged value in the program's memory.</summary>
    public nint Value<T>(T value)
        where T : unmanaged => Bytes(new ReadOnlySpan<byte>(&value, sizeof(T)));

    /// <summary>A string as UTF-8 with a NUL behind it.</summary>
    /// <exception cref="ArgumentException">The text contains a NUL.</exception>
    public nint Text(string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException($"a string for the kernel must not contain a NUL character: \"{text.Replace("\0", "\\0", StringComparison.Ordinal)}\"");
        int length = Encoding.UTF8.GetByteCount(text);
        nint address = Buffer(length + 1);
        Encoding.UTF8.GetBytes(text, new Span<byte>((byte*)address, length));
        return address;
    }

    /// <summary>An array of strings as execve(2) takes it, with a null pointer at its end.</summary>
    public nint TextArray(IReadOnlyList<string> texts)
    {
        nint address = Buffer((texts.Count + 1) * sizeof(nint));
        for (int i = 0; i < texts.Count; i++)
            ((nint*)address)[i] = Text(texts[i]);
        return address;
    }

    /// <summary>Adds a system call. Without a rule for its error (see <see cref="ChildStep"/>) a failure ends the child.</summary>
    /// <param name="description">What it is for, as the middle of an error message: "mount proc at /proc".</param>
    /// <param name="number">The call's number, from <see cref="SyscallNumbers"/>.</param>
    /// <param name="a0">Its first argument, and so on.</param>
    /// <param name="a1">The second.</param>
    /// <param name="a2">The third.</param>
    /// <param name="a3">The fourth.</param>
    /// <param name="a4">The fifth.</param>
    /// <param name="a5">The sixth.</param>
    public ChildStep Call(
        StepText description, nint number, ChildValue a0 = default, ChildValue a1 = default, ChildValue a2 = default,
        ChildValue a3 = default, ChildValue a4 = default, ChildValue a5 = default) =>
        Add(description, OperationKind.Syscall, number, a0, a1, a2, a3, a4, a5);

    /// <summary>Goes on at <paramref name="target"/>.</summary>
    public void Jump(ChildLabel target) => JumpIf(0, ChildComparison.Always, 0, target);

    /// <summary>Goes on at <paramref name="target"/> if the comparison holds.</summary>
    public void JumpIf(ChildValue left, ChildComparison comparison, ChildValue right, ChildLabel target)
    {
        ChildStep step = Add("jump", OperationKind.Jump, (nint)comparison, left, right);
        At(step.Index).Target = target.Number;
    }

    /// <summary>Reads 2, 4 or 8 bytes of the program's memory, masked, into a register.</summary>
    public void Load(ChildRegister into, nint address, int size, nint mask = -1) =>
        Add("load", OperationKind.Load, 0, address, size, mask).Into(into);

    /// <summary>Writes 1, 4 or 8 bytes of the program's memory.</summary>
    public void Store(nint address, int size, ChildValue value) => Add("store", OperationKind.Store, 0, address, size, value);

    /// <summary>Puts a number, an address or another register's content into a register.</summary>
    public void Move(ChildRegister into, ChildValue value) => Add("move", OperationKind.Move, 0, value).Into(into);

    /// <summary>Writes a number as decimal digits with a NUL behind them.</summary>
    public void FormatNumber(nint address, ChildValue value) => Add("format", OperationKind.FormatNumber, 0, address, value);

    /// <summary>Ends the child with an error.</summary>
    public void Fail(StepText description, Errno errno) => Add(description, OperationKind.Fail, 0, (nint)errno);

    /// <summary>Ends the child with the error number that a register holds.</summary>
    public void Fail(StepText description, ChildRegister errno) => Add(description, OperationKind.Fail, 0, errno);

    private ChildStep Add(
        StepText description, OperationKind kind, nint number, ChildValue a0 = default, ChildValue a1 = default, ChildValue a2 = default,
        ChildValue a3 = default, ChildValue a4 = default, ChildValue a5 = default)
    {
        ObjectDisposedException.ThrowIf(_operations == null, this);
        if (Count == _capacity)
        {
            _capacity *= 2;
            _operations = (ChildOperation*)NativeMemory.Realloc(_operations, (nuint)(_capacity * sizeof(ChildOperation)));
        }
        ref ChildOperation operation = ref _operations[Count];
        operation = new ChildOperation
        {
            Kind = kind,
            Result = ChildOperation.NoRegister,
            Number = number,
            A0 = a0.Number,
            A1 = a1.Number,
            A2 = a2.Number,
            A3 = a3.Number,
            A4 = a4.Number,
            A5 = a5.Number,
            Registers = Bit(a0, 0) | Bit(a1, 1) | Bit(a2, 2) | Bit(a3, 3) | Bit(a4, 4) | Bit(a5, 5),
        };
        if (CarriesTexts)
        {
            string text = description.ToString();
            operation.Text = Text(text);
            operation.TextLength = Encoding.UTF8.GetByteCount(text);
        }
        _descriptions.Add(description);
        return new ChildStep(this, Count++);

        static int Bit(ChildValue value, int index) => value.IsRegister ? 1 << index : 0;
    }

    internal ref ChildOperation At(int index) => ref _operations[index];

    /// <summary>Turns labels into operation numbers and hands out what the replay loop needs.</summary>
    internal ReplayState* Seal(int reportDescriptor)
    {
        if (!_sealed)
        {
            _sealed = true;
            for (int i = 0; i < Count; i++)
                ResolveLabels(ref _operations[i]);
        }
        var state = (ReplayState*)Buffer(sizeof(ReplayState));
        state->Operations = _operations;
        state->Count = Count;
        state->Registers = (nint*)Buffer(Math.Max(1, _registers) * sizeof(nint));
        state->Syscall = RawSyscall.Stub;
        state->ReportDescriptor = reportDescriptor;
        state->Report = (byte*)Buffer(ChildReport.HeaderSize);
        state->WriteNumber = SyscallNumbers.write;
        state->ExitNumber = SyscallNumbers.exit_group;
        return state;
    }

    private void ResolveLabels(ref ChildOperation operation)
    {
        if (operation.Kind == OperationKind.Jump)
            operation.Target = Place(operation.Target);
        if (operation.Errno0 != 0)
            operation.Target0 = Place(operation.Target0);
        if (operation.Errno1 != 0)
            operation.Target1 = Place(operation.Target1);
        if (operation.Errno2 != 0)
            operation.Target2 = Place(operation.Target2);
    }

    private int Place(int label)
    {
        if (label == ChildOperation.Next)
            return ChildOperation.Next;
        int place = _labels[label];
        return place >= 0 ? place : throw new InvalidOperationException($"label {label} of the child's program was never placed");
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        NativeMemory.Free(_operations);
        _operations = null;
        foreach (nint block in _blocks)
            NativeMemory.AlignedFree((void*)block);
        _blocks.Clear();
    }
}
