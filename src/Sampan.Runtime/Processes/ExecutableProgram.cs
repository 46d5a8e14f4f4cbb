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
    public void AddExecution() => context.AddExecution($"exec {process.Args![0]}", _path, process.Args!, process.Env ?? []);

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
