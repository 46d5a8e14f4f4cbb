using Sampan.Kernel;
using Sampan.Kernel.Children;

namespace Sampan.Runtime.Launch;

/// <summary>
/// A program in the making and what all its parts share: the descriptor on which the child talks to the runtime, and the descriptors that the child
/// inherits and the runtime closes after the clone.
/// </summary>
internal sealed class ChildContext : IDisposable
{
    private readonly List<IDisposable> _inherited = [];

    public ChildContext()
    {
        (FileDescriptor ours, FileDescriptor theirs) = Syscalls.SocketPair(SocketKind.Stream);
        Runtime = ours;
        Child = Inherit(theirs);
        // With a copy of it the child would never see the runtime's end close, and wait for a runtime that was killed before it could ask to die with it.
        _ = Program.Close(ours);
    }

    /// <summary>The program that the child will replay.</summary>
    public ChildProgram Program { get; } = new();

    /// <summary>The runtime's end of the stream between the two.</summary>
    public FileDescriptor Runtime { get; }

    /// <summary>The child's end.</summary>
    public FileDescriptor Child { get; }

    /// <summary>Whether the container's program is executed through <see cref="ExecStub"/>, so that it does not find the runtime's binary in /proc/self/exe.</summary>
    public bool UsesExecStub { get; init; }

    /// <summary>Keeps a descriptor open until the child has its copy.</summary>
    public FileDescriptor Inherit(FileDescriptor file)
    {
        _inherited.Add(file);
        return file;
    }

    /// <summary>Tells the runtime that the child stands at <paramref name="point"/>, and waits until it may go on.</summary>
    public void Rendezvous(LaunchPoint point, ChildValue value = default)
    {
        Program.Report(Child, (int)point, value);
        Program.Await($"wait for the runtime ({point.Name()})", Child);
    }

    /// <summary>Clones a sibling, which goes on; the first child tells the runtime its pid and leaves.</summary>
    public void GoOnAsSibling(string description, CloneFlags flags)
    {
        ChildRegister pid = Program.NewRegister();
        ChildLabel sibling = Program.NewLabel();
        _ = Program.CloneSibling(description, flags).Into(pid);
        Program.JumpIf(pid, ChildComparison.Equal, 0, sibling);
        Program.Report(Child, (int)LaunchPoint.Sibling, pid);
        Program.Exit(0);
        Program.Mark(sibling);
        Program.Await("wait for the runtime (sibling)", Child);
        Program.DieWithParent(true);
    }

    /// <summary>
    /// Adds the execution of a program of the container, through <see cref="ExecStub"/> where that is used. The stub takes the path as its own name,
    /// before the program's arguments, and answers for a failed execution with the report of the operation that executes it. The descriptor for
    /// that goes through one execve(2) and is closed by the next.
    /// </summary>
    public void AddExecution(string description, ChildValue path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment)
    {
        const int SetDescriptorFlags = 2, EmptyPath = 0x1000, ErrorOffset = 8;
        if (!UsesExecStub)
        {
            _ = Program.ExecVe(description, path, Program.TextArray(arguments), Program.TextArray(environment));
            return;
        }
        nint words = Program.TextArray(["", .. arguments]);
        Program.Store(words, 8, path);
        _ = Program.Call("let the stub report", SyscallNumbers.fcntl, Child, SetDescriptorFlags, 0);
        byte[] report = ChildReport.Failure(Program.Count, Program.CarriesTexts ? description : null);
        FileDescriptor stub = Inherit(ExecStub.Create(Child.Number, report, ErrorOffset));
        _ = Program.Call(description, SyscallNumbers.execveat, stub, Program.Text(""), words, Program.TextArray(environment), EmptyPath);
    }

    /// <summary>Closes the runtime's copies of what the child has inherited.</summary>
    public void CloseInherited()
    {
        foreach (IDisposable file in _inherited)
            file.Dispose();
        _inherited.Clear();
    }

    /// <summary>Lets a waiting child go on.</summary>
    public void Release() => Syscalls.WriteAll(Runtime, "g"u8);

    public void Dispose()
    {
        CloseInherited();
        Runtime.Dispose();
        Program.Dispose();
    }
}

/// <summary>The points at which a child reports to the runtime on its way to execve(2).</summary>
internal enum LaunchPoint
{
    /// <summary>A sibling was made that goes on in the child's place; the value is its pid.</summary>
    Sibling = 1,

    /// <summary>The user namespace exists and has no maps yet.</summary>
    UserNamespace,

    /// <summary>All namespaces exist, the root file system is mounted, and the root is still the host's: prestart and createRuntime hooks run now.</summary>
    Namespaces,

    /// <summary>The seccomp listener is open; the value is its number in the child.</summary>
    SeccompListener,

    /// <summary>Everything is in place, and the process will outlive the runtime from here on.</summary>
    Ready,

    /// <summary>The container is created and waits for start.</summary>
    Created,
}

/// <summary>The names of the points, by hand: the reflection behind Enum.ToString costs a start 1 % of its CPU time.</summary>
internal static class LaunchPointNames
{
    public static string Name(this LaunchPoint point) => point switch
    {
        LaunchPoint.Sibling => nameof(LaunchPoint.Sibling),
        LaunchPoint.UserNamespace => nameof(LaunchPoint.UserNamespace),
        LaunchPoint.Namespaces => nameof(LaunchPoint.Namespaces),
        LaunchPoint.SeccompListener => nameof(LaunchPoint.SeccompListener),
        LaunchPoint.Ready => nameof(LaunchPoint.Ready),
        _ => nameof(LaunchPoint.Created),
    };
}
