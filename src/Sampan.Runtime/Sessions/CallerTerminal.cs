using Sampan.Kernel;
using Sampan.Oci;

namespace Sampan.Runtime.Sessions;

/// <summary>The terminal that the caller of a command sits at: the first of standard input, output and error that is one.</summary>
public static class CallerTerminal
{
    /// <summary>The terminal, or null where the caller has none.</summary>
    public static FileDescriptor? Find()
    {
        for (int number = 0; number < 3; number++)
        {
            var candidate = new FileDescriptor(number, owns: false);
            if (Syscalls.IsTerminal(candidate))
                return candidate;
        }
        return null;
    }

    /// <summary>
    /// Its size, for the container's terminal to begin with: a program that asks for the size at its start, as <c>stty size</c> does, is faster than the
    /// first resize. Null where there is no terminal, or one that knows no size (script(1) without a terminal of its own).
    /// </summary>
    public static Box? Size() =>
        Find() is { } terminal && Syscalls.GetWindowSize(terminal) is { Rows: > 0, Columns: > 0 } size ? new Box { Height = size.Rows, Width = size.Columns } : null;
}
