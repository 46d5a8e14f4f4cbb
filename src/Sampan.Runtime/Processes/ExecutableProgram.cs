using Sampan.Kernel;
using Sampan.Kernel.Children;
using Sampan.Oci;

namespace Sampan.Runtime.Processes;

/// <summary>
/// Compiles the look-up of the program in the container's root and its execution. A name without a slash is looked for in the PATH of the process's own
/// environment, as execvp(3) does; the look-up happens in the child, where the container's root is the root.
/// </summary>
internal sealed class ExecutableProgram(ChildProgram program, Process process)
{
    private readonly ChildRegister _path = program.NewRegister();

    /// <summary>What the error of a failed look-up is recognised by; the sentence is runc's, which its callers read.</summary>
    public static string NotFound(string name) => name.Contains('/', StringComparison.Ordinal)
        ? $"exec: \"{name}\": stat {name}" : $"exec: \"{name}\": executable file not found in $PATH";

    /// <summary>Finds the program; a missing one ends the child now, before the container counts as created.</summary>
    public void AddLookUp()
    {
        string name = process.Args![0];
        ChildRegister denied = program.NewRegister();
        ChildLabel found = program.NewLabel();
        if (name.Contains('/', StringComparison.Ordinal))
        {
            AddCandidate(name, found, denied);
        }
        else
        {
            foreach (string directory in SearchPath().Split(':'))
                AddCandidate(directory.Length == 0 ? $"./{name}" : $"{directory}/{name}", found, denied);
        }
        ChildLabel missing = program.NewLabel();
        program.JumpIf(denied, ChildComparison.Equal, 0, missing);
        program.Fail($"exec: \"{name}\"", denied);
        program.Mark(missing);
        program.Fail(NotFound(name), Errno.ENOENT);
        program.Mark(found);
    }

    /// <summary>Executes it.</summary>
    public void AddExecution() =>
        _ = program.ExecVe($"exec {process.Args![0]}", _path, program.TextArray(process.Args!), program.TextArray(process.Env ?? []));

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
        nint text = program.Text(path);
        nint status = program.Buffer(ChildProgram.StatSize);
        ChildRegister mode = program.NewRegister();
        ChildRegister result = program.NewRegister();
        ChildLabel next = program.NewLabel();
        ChildLabel failed = program.NewLabel();
        ChildLabel directory = program.NewLabel();
        _ = program.Call($"stat {path}", SyscallNumbers.statx, Syscalls.WorkingDirectory, text, 0, 0x7ff, status).Into(result).OnAny(failed);
        program.Load(mode, status + 28, 2, (nint)FileType.Mask);
        program.JumpIf(mode, ChildComparison.Equal, (int)FileType.Directory, directory);
        _ = program.Call($"look whether {path} is executable", SyscallNumbers.faccessat2, Syscalls.WorkingDirectory, text, 1, 0x200).Into(result).OnAny(failed);
        program.Move(_path, text);
        program.Jump(found);
        program.Mark(directory);
        program.Move(result, -(int)Errno.EACCES);
        program.Mark(failed);
        program.JumpIf(result, ChildComparison.Equal, -(int)Errno.ENOENT, next);
        program.JumpIf(result, ChildComparison.Equal, -(int)Errno.ENOTDIR, next);
        program.Move(denied, result);
        program.Mark(next);
    }
}
