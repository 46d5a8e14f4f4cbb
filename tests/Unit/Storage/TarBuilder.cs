using System.Text;

namespace Sampan.Tests.Unit.Storage;

/// <summary>Writes tar archives, right and wrong ones, for tests.</summary>
internal sealed class TarBuilder
{
    private readonly List<byte> _archive = [];

    public TarBuilder Add(
        string name, char type = '0', byte[]? content = null, string link = "", uint mode = 0x1ED, string uid = "0000000", long? size = null, uint major = 0, uint minor = 0,
        string prefix = "", string mtime = "00000000000", bool breakChecksum = false)
    {
        content ??= [];
        byte[] header = new byte[512];
        Put(header, 0, name);
        Put(header, 100, Convert.ToString(mode, 8).PadLeft(7, '0'));
        Put(header, 108, uid);
        Put(header, 116, "0000000");
        Put(header, 124, Convert.ToString(size ?? content.Length, 8).PadLeft(11, '0'));
        Put(header, 136, mtime);
        header[156] = (byte)type;
        Put(header, 157, link);
        Put(header, 257, "ustar\0");
        Put(header, 263, "00");
        Put(header, 329, Convert.ToString(major, 8).PadLeft(7, '0'));
        Put(header, 337, Convert.ToString(minor, 8).PadLeft(7, '0'));
        Put(header, 345, prefix);
        return AddRaw(header, content, breakChecksum);
    }

    public TarBuilder AddPax(string records, char type = 'x') => Add("pax", type, Encoding.UTF8.GetBytes(records));

    public TarBuilder AddRaw(byte[] header, byte[] content, bool breakChecksum = false)
    {
        header.AsSpan(148, 8).Fill((byte)' ');
        int sum = header.Sum(static one => one) + (breakChecksum ? 1 : 0);
        Put(header, 148, Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ");
        _archive.AddRange(header);
        _archive.AddRange(content);
        _archive.AddRange(new byte[(512 - (content.Length % 512)) % 512]);
        return this;
    }

    /// <summary>A PAX record with its own length in front.</summary>
    public static string Record(string key, string value)
    {
        int length = key.Length + Encoding.UTF8.GetByteCount(value) + 3;
        int total = length + length.ToString(null, null).Length;
        total = length + total.ToString(null, null).Length;
        return $"{total} {key}={value}\n";
    }

    public MemoryStream Finish(bool endMarker = true)
    {
        if (endMarker)
            _archive.AddRange(new byte[1024]);
        return new MemoryStream(_archive.ToArray());
    }

    private static void Put(byte[] header, int offset, string text) => Encoding.UTF8.GetBytes(text).CopyTo(header, offset);
}
