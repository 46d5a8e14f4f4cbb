using Sampan.Kernel;
using Sampan.Runtime;

namespace Sampan.RuntimeCommand;

/// <summary>Reads a file or a pipe that the caller named to its end, within a bound: what we read is JSON for one container.</summary>
internal static class FileContent
{
    private const int Limit = 64 * 1024 * 1024;

    public static byte[] ReadAll(FileDescriptor file, string name)
    {
        byte[] buffer = new byte[16 * 1024];
        int length = 0;
        while (true)
        {
            int read = Syscalls.Read(file, buffer.AsSpan(length));
            if (read == 0)
                return buffer[..length];
            length += read;
            if (length > Limit)
                throw new RuntimeException($"{name} has more than {Limit / 1024 / 1024} MiB, which no container's description needs", RuntimeErrorKind.InvalidArgument);
            if (length == buffer.Length)
                Array.Resize(ref buffer, buffer.Length * 2);
        }
    }
}
