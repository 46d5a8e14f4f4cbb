using System.Runtime.InteropServices;

namespace Sampan.Kernel;

/// <summary>Rows and columns of a terminal, in characters (struct winsize).</summary>
/// <param name="Rows">Height.</param>
/// <param name="Columns">Width.</param>
public readonly record struct TerminalSize(ushort Rows, ushort Columns);

/// <summary>The settings of a terminal, struct termios2 of ioctl_tty(2). A copy: the <c>With…</c> methods change nothing but what they return.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct TerminalSettings
{
    private const int MinimumIndex = 6, TimeIndex = 5;

    /// <summary>c_iflag.</summary>
    public uint InputFlags;

    /// <summary>c_oflag.</summary>
    public uint OutputFlags;

    /// <summary>c_cflag.</summary>
    public uint ControlFlags;

    /// <summary>c_lflag.</summary>
    public uint LocalFlags;

    private readonly byte _lineDiscipline;
    private fixed byte _controlCharacters[19];
    private readonly uint _inputSpeed;
    private readonly uint _outputSpeed;

    /// <summary>Whether a newline is sent as carriage return and newline (ONLCR).</summary>
    public readonly bool TranslatesNewline => (OutputFlags & 4) != 0;

    /// <summary>Whether input comes by lines that can be edited (ICANON).</summary>
    public readonly bool IsCanonical => (LocalFlags & 2) != 0;

    /// <summary>Whether input is echoed (ECHO).</summary>
    public readonly bool Echoes => (LocalFlags & 8) != 0;

    /// <summary>Raw mode, as cfmakeraw(3): every byte passes unchanged, each read gives at least one.</summary>
    /// <param name="processesOutput">Leaves OPOST as it is: output is still translated.</param>
    public readonly TerminalSettings WithRawMode(bool processesOutput = false)
    {
        TerminalSettings raw = this;
        raw.InputFlags &= ~(0x1u | 0x2 | 0x8 | 0x20 | 0x40 | 0x80 | 0x100 | 0x400); // IGNBRK BRKINT PARMRK ISTRIP INLCR IGNCR ICRNL IXON
        if (!processesOutput)
            raw.OutputFlags &= ~0x1u; // OPOST
        raw.LocalFlags &= ~(0x1u | 0x2 | 0x8 | 0x40 | 0x8000); // ISIG ICANON ECHO ECHONL IEXTEN
        raw.ControlFlags = (raw.ControlFlags & ~(0x30u | 0x100)) | 0x30; // CSIZE PARENB, CS8
        raw._controlCharacters[MinimumIndex] = 1;
        raw._controlCharacters[TimeIndex] = 0;
        return raw;
    }

    /// <summary>Without ECHO, for a password: what is typed is not shown, but the newline that ends it is (ECHONL).</summary>
    public readonly TerminalSettings WithoutEcho()
    {
        TerminalSettings quiet = this;
        quiet.LocalFlags = (quiet.LocalFlags & ~0x8u) | 0x40;
        return quiet;
    }

    /// <summary>Without ONLCR: the terminal of the person at the other end does the translation, so the container's must not do it too.</summary>
    public readonly TerminalSettings WithoutNewlineTranslation()
    {
        TerminalSettings plain = this;
        plain.OutputFlags &= ~4u;
        return plain;
    }
}
