using Sampan.Kernel;
using Sampan.Kernel.Children;
using Sampan.Oci;
using Sampan.Runtime.Launch;

namespace Sampan.Runtime.Processes;

/// <summary>
/// Compiles the look-up of the program in the container's root and its execution. A name without a slash is looked for in the PATH of the process's own
/// environment, as execvp(3) does; the look-up happens in the child, where the container's root is the root.
/// </summary>
internal sealed class ExecutableProgram(ChildContext context, Process process)
{
    private readonly ChildProgram _program = context.Program;
    private readonly ChildRegister _path = context.Program.NewRegister();

    /// <summary>What the error of a failed look-up is recognised by; the sentence is runc's, which its callers read.</summary>
    public static string NotFound(string name) => name.Contains('/', StringComparison.Ordinal)
        ? $"exec: \"{name}\": stat {name}" : $"exec: \"{name}\": executable file not found in $PATH";

    /// <summary>Finds the program; a missing one ends the child now, before the container counts as created.</summary>
    public void AddLookUp()
    {
        string name = process.Args![0];
        ChildRegister denied = _program.NewRegister();
        ChildLabel found = _program.NewLabel();
        if (name.Contains('/', StringComparison.Ordinal))
        {
            AddCandidate(name, found, denied);
        }
        else
        {
            foreach (string directory in SearchPath().Split(':'))
                AddCandidate(directory.Length == 0 ? $"./{name}" : $"{directory}/{name}", found, denied);
        }
        ChildLabel missing = _program.NewLabel();
        _program.JumpIf(denied, ChildComparison.Equal, 0, missing);
        _program.Fail($"exec: \"{name}\"", denied);
        _program.Mark(missing);
        _program.Fail(NotFound(name), Errno.ENOENT);
        _program.Mark(found);
    }

    /// <summary>Executes it.</summary>
    public void AddExecution()
    {
        string description = $"exec {process.Args![0]}";
        if (context.UsesExecStub)
            AddStub(description);
        else
            _ = _program.ExecVe(description, _path, _program.TextArray(process.Args!), _program.TextArray(process.Env ?? []));
    }

    /// <summary>
    /// The stub takes the path as its own name, before the program's arguments, and answers for a failed execution with the report of the operation
    /// that executes it. The descriptor for that goes through one execve(2) and is closed by the next.
    /// </summary>
    private void AddStub(string description)
    {
        const int SetDescriptorFlags = 2, EmptyPath = 0x1000, ErrorOffset = 8;
        nint arguments = _program.TextArray(["", .. process.Args!]);
        _program.Store(arguments, 8, _path);
        _ = _program.Call("let the stub report", SyscallNumbers.fcntl, context.Child, SetDescriptorFlags, 0);
        byte[] report = ChildReport.Failure(_program.Count, _program.CarriesTexts ? description : null);
        FileDescriptor stub = context.Inherit(ExecStub.Create(context.Child.Number, report, ErrorOffset));
        _ = _program.Call(description, SyscallNumbers.execveat, stub, _program.Text(""), arguments, _program.TextArray(process.Env ?? []), EmptyPath);
    }

    private string SearchPath()
    {
        string path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        foreach (string variable in process.Env ?? [])
        {
            if (variable.StartsWith("PATH=", StringComparison.Ordinal))
                path = variable["PATH=".Length..];
        }
        return path;
    }

    private void AddCandidate(string path, ChildLabel found, ChildRegister denied)
    {
        nint text = _program.Text(path);
        nint status = _program.Buffer(ChildProgram.StatSize);
        ChildRegister mode = _program.NewRegister();
        ChildRegister result = _program.NewRegister();
        ChildLabel next = _program.NewLabel();
        ChildLabel failed = _program.NewLabel();
        ChildLabel directory = _program.NewLabel();
        _ = _program.Call($"stat {path}", SyscallNumbers.statx, Syscalls.WorkingDirectory, text, 0, 0x7ff, status).Into(result).OnAny(failed);
        _program.Load(mode, status + 28, 2, (nint)FileType.Mask);
        _program.JumpIf(mode, ChildComparison.Equal, (int)FileType.Directory, directory);
        _ = _program.Call($"look whether {path} is executable", SyscallNumbers.faccessat2, Syscalls.WorkingDirectory, text, 1, 0x200).Into(result).OnAny(failed);
        _program.Move(_path, text);
        _program.Jump(found);
        _program.Mark(directory);
        _program.Move(result, -(int)Errno.EACCES);
        _program.Mark(failed);
        _program.JumpIf(result, ChildComparison.Equal, -(int)Errno.ENOENT, next);
        _program.JumpIf(result, ChildComparison.Equal, -(int)Errno.ENOTDIR, next);
        _program.Move(denied, result);
        _program.Mark(next);
    }
}
