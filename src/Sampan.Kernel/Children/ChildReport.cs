using System.Buffers.Binary;
using System.Text;

namespace Sampan.Kernel.Children;

/// <summary>What a message of the child says.</summary>
public enum ChildReportKind
{
    /// <summary>The child is gone without a word: it executed its program, or it was killed.</summary>
    End = 0,

    /// <summary>An operation failed; the child exits.</summary>
    Failed = 1,

    /// <summary>The child reached a point at which it tells the parent something, and may wait for an answer.</summary>
    Reached = 2,
}

/// <summary>A message of 16 bytes from the child: kind, operation or point, error number or value, and the length of a text behind it.</summary>
/// <param name="Kind">What it says.</param>
/// <param name="Point">The number of the operation that failed, or of the point reached.</param>
/// <param name="Value">The error number, or the point's value.</param>
/// <param name="Text">The sentence of the operation, where the program carries texts.</param>
public readonly record struct ChildReport(ChildReportKind Kind, int Point, int Value, string? Text)
{
    /// <summary>The size of a message without its text, in bytes.</summary>
    public const int HeaderSize = 16;

    /// <summary>The next message; <see cref="ChildReportKind.End"/> at the end of the stream.</summary>
    /// <exception cref="KernelException">The descriptor could not be read.</exception>
    public static ChildReport Read(FileDescriptor from)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        if (!Fill(from, header))
            return default;
        int length = BinaryPrimitives.ReadInt32LittleEndian(header[12..]);
        string? text = null;
        if (length is > 0 and <= 65536)
        {
            byte[] bytes = new byte[length];
            if (Fill(from, bytes))
                text = Encoding.UTF8.GetString(bytes);
        }
        return new ChildReport(
            (ChildReportKind)BinaryPrimitives.ReadInt32LittleEndian(header), BinaryPrimitives.ReadInt32LittleEndian(header[4..]),
            BinaryPrimitives.ReadInt32LittleEndian(header[8..]), text);
    }

    /// <summary>The bytes of a report of failure, for a writer that is not the replay loop; the error number goes to offset 8.</summary>
    public static byte[] Failure(int operation, string? text)
    {
        byte[] sentence = text is null ? [] : Encoding.UTF8.GetBytes(text);
        byte[] report = new byte[HeaderSize + sentence.Length];
        BinaryPrimitives.WriteInt32LittleEndian(report, (int)ChildReportKind.Failed);
        BinaryPrimitives.WriteInt32LittleEndian(report.AsSpan(4), operation);
        BinaryPrimitives.WriteInt32LittleEndian(report.AsSpan(12), sentence.Length);
        sentence.CopyTo(report, HeaderSize);
        return report;
    }

    private static bool Fill(FileDescriptor from, Span<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            int count = Syscalls.TryRead(from, bytes);
            if (count is 0 or -(int)Errno.ECONNRESET)
                return false;
            if (count < 0)
                throw new KernelException($"read({from.Number})", (Errno)(-count));
            bytes = bytes[count..];
        }
        return true;
    }
}
