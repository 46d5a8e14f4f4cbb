using System.Text;

namespace Sampan.Storage.Archives;

/// <summary>Text and numbers in the fields of a tar header.</summary>
internal static class TarText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text of a field or a PAX value.</summary>
    /// <exception cref="StorageException">It is not UTF-8, or it contains a NUL, at which the kernel would cut it off.</exception>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Contains((byte)0))
            throw new StorageException(StorageErrorKind.InvalidContent, "the tar archive is malformed: a name contains a NUL byte");
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException cause)
        {
            throw new StorageException(StorageErrorKind.InvalidContent, $"the tar archive has a name that is not UTF-8 ({Convert.ToHexString(bytes[..Math.Min(bytes.Length, 64)])}), which this version cannot unpack", cause);
        }
    }

    /// <summary>A field's text up to its first NUL.</summary>
    public static string DecodeField(ReadOnlySpan<byte> field)
    {
        int end = field.IndexOf((byte)0);
        return Decode(end < 0 ? field : field[..end]);
    }

    /// <summary>
    /// A numeric field: octal digits with leading blanks, ended by a blank or NUL, or GNU's base-256 form whose first byte has its top bit set
    /// (two's complement, big-endian). An empty field is 0.
    /// </summary>
    /// <exception cref="StorageException">The field holds something else, or the number does not fit 63 bits.</exception>
    public static long Number(ReadOnlySpan<byte> field, string what)
    {
        if ((field[0] & 0x80) != 0)
            return Base256(field, what);
        int i = 0;
        while (i < field.Length && field[i] is (byte)' ' or 0)
            i++;
        long value = 0;
        for (; i < field.Length && field[i] is not ((byte)' ' or 0); i++)
        {
            if (field[i] is < (byte)'0' or > (byte)'7' || value > long.MaxValue >> 3)
                throw Malformed(what);
            value = (value << 3) | (uint)(field[i] - '0');
        }
        for (; i < field.Length; i++)
        {
            if (field[i] is not ((byte)' ' or 0))
                throw Malformed(what);
        }
        return value;
    }

    private static long Base256(ReadOnlySpan<byte> field, string what)
    {
        bool negative = (field[0] & 0x40) != 0;
        long value = negative ? (sbyte)field[0] | -128 : field[0] & 0x3f;
        foreach (byte next in field[1..])
        {
            if (value > long.MaxValue >> 8 || value < long.MinValue >> 8)
                throw Malformed(what);
            value = (value << 8) | next;
        }
        return value;
    }

    private static StorageException Malformed(string what) => new(StorageErrorKind.InvalidContent, $"the tar archive is malformed: {what} is not a number");
}
