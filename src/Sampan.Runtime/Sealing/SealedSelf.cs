using System.Collections;
using Sampan.Kernel;

namespace Sampan.Runtime.Sealing;

/// <summary>
/// Sees to it that <c>/proc/self/exe</c> of this process is a file that nobody can write, by executing this program again from one.
/// </summary>
/// <remarks>
/// A process in a container reaches the runtime's binary through /proc/PID/exe of a process that still has it as its program, and could
/// overwrite it on the host (CVE-2019-5736). A clone of the binary's own mount, made read-only and attached nowhere, is such a file;
/// where a mount may not be cloned (a user without privileges) it is a sealed memory file with a copy.
/// docs/decisions/0011-sealed-self.md says when this is done and what it costs.
/// </remarks>
public static class SealedSelf
{
    private const string Self = "/proc/self/exe";
    private static string[]? s_arguments;

    /// <summary>True where nobody can open this program's file for writing through /proc/PID/exe.</summary>
    public static bool IsSealed()
    {
        using FileDescriptor program = Syscalls.Open(Self, OpenFlags.ReadOnly);
        return (Syscalls.FStatFs(program).Flags & FileSystemFlags.ReadOnly) != 0 || Syscalls.HasWriteSeal(program);
    }

    /// <summary>Says that this process is the runtime and may be executed again with these arguments; a program that only uses this library may not.</summary>
    public static void Allow(string[] arguments) => s_arguments = arguments;

    /// <summary>As <see cref="Require"/> in the runtime itself; returns without effect in another program.</summary>
    /// <exception cref="KernelException">Neither a read-only clone nor a sealed copy could be made.</exception>
    internal static void RequireInRuntime()
    {
        if (s_arguments is not null)
            Require(s_arguments);
    }

    /// <summary>Executes this program again from a file that nobody can write; returns at once where that is so already. Nothing but the standard descriptors and those inherited may be open.</summary>
    /// <param name="arguments">The program's arguments without its name.</param>
    /// <exception cref="KernelException">Neither a read-only clone nor a sealed copy could be made.</exception>
    public static void Require(IReadOnlyList<string> arguments)
    {
        if (IsSealed())
            return;
        var words = new List<string> { Environment.GetCommandLineArgs()[0] };
        words.AddRange(arguments);
        using FileDescriptor program = TryReadOnlyClone() ?? SealedCopy();
        Syscalls.ExecVeAt(program, words, EnvironmentVariables());
    }

    private static FileDescriptor? TryReadOnlyClone()
    {
        if (Syscalls.TryOpenTree(Syscalls.WorkingDirectory, Self, OpenTreeFlags.Clone, out FileDescriptor? clone) != Errno.None)
            return null;
        if (Syscalls.TryMountSetAttr(clone!, "", recursive: false, MountAttributes.ReadOnly) == Errno.None)
            return clone;
        clone!.Dispose();
        return null;
    }

    private static FileDescriptor SealedCopy()
    {
        using FileDescriptor source = Syscalls.Open(Self, OpenFlags.ReadOnly);
        FileDescriptor copy = Syscalls.MemFdCreateExecutable("sampan-runtime");
        Syscalls.SendAll(copy, source, Syscalls.Stat(source).Size);
        Syscalls.AddAllSeals(copy);
        return copy;
    }

    private static List<string> EnvironmentVariables()
    {
        var variables = new List<string>();
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
            variables.Add($"{variable.Key}={variable.Value}");
        return variables;
    }
}
