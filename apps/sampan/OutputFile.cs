using Sampan.Command.CommandLine;
using Sampan.Kernel;
using Sampan.Oci;

namespace Sampan.Command;

/// <summary>
/// Where a command writes an archive: a file of the user's (<c>-o</c>), which is there whole or not at all, or standard output, which must not be a
/// terminal.
/// </summary>
internal static class OutputFile
{
    /// <summary>Has an archive written.</summary>
    /// <param name="path">The file; null for standard output.</param>
    /// <param name="write">Writes it.</param>
    /// <exception cref="CommandLineException">Standard output is a terminal.</exception>
    public static void Write(string? path, Action<Stream> write)
    {
        if (path is null or "-")
        {
            if (Syscalls.IsTerminal(Output.Out))
                throw new CommandLineException("standard output is a terminal, which cannot show an archive; give -o FILE, or redirect it");
            using var pipe = new FileStream(new Microsoft.Win32.SafeHandles.SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            write(pipe);
            return;
        }
        // A device or a pipe is written to as it is.
        if (File.Exists(path) && !IsRegular(path))
        {
            using var special = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            write(special);
            return;
        }
        if (Directory.Exists(path))
            throw new CommandLineException($"\"{Printable.Escape(path)}\" is a directory; name a file");
        string temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
                write(file);
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static bool IsRegular(string path) => Syscalls.TryStatAt(Syscalls.WorkingDirectory, Path.GetFullPath(new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path), out FileStatus status) == Errno.None && status.IsRegular;
}
