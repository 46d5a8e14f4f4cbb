using System.Buffers.Binary;
using System.Text;

namespace Sampan.Kernel;

/// <summary>
/// One request of netlink(7) while it is put together: header, the family's own structure, and attributes (a length, a type, the value,
/// padded to four bytes), which may nest. Everything is in the machine's byte order, which is little-endian on x86-64 and arm64.
/// </summary>
public sealed class NetlinkMessage
{
    internal const int HeaderLength = 16;
    private byte[] _bytes = new byte[256];

    /// <summary>Begins a request.</summary>
    /// <param name="type">The message type, as RTM_NEWLINK.</param>
    /// <param name="flags">NLM_F_* flags besides NLM_F_REQUEST.</param>
    /// <param name="name">What an error message calls the request.</param>
    public NetlinkMessage(ushort type, ushort flags, string name)
    {
        Name = name;
        Length = HeaderLength;
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(4), type);
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(6), (ushort)(flags | 1));
    }

    /// <summary>What an error message calls the request.</summary>
    public string Name { get; }

    internal int Length { get; private set; }

    /// <summary>Appends bytes of the family's own structure; to be called before any attribute.</summary>
    public NetlinkMessage Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        return this;
    }

    /// <summary>Appends an attribute.</summary>
    public NetlinkMessage Attribute(ushort type, ReadOnlySpan<byte> value)
    {
        Span<byte> place = Reserve(4 + value.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(place, (ushort)(4 + value.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(place[2..], type);
        value.CopyTo(place[4..]);
        return this;
    }

    /// <summary>Appends an attribute of 32 bits.</summary>
    public NetlinkMessage Attribute(ushort type, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return Attribute(type, bytes);
    }

    /// <summary>Appends an attribute of text, with the NUL at its end that the kernel expects.</summary>
    public NetlinkMessage Attribute(ushort type, string text) => Attribute(type, Encoding.UTF8.GetBytes(text + "\0"));

    /// <summary>Begins an attribute that holds attributes; the result is for <see cref="EndNested"/>.</summary>
    public int BeginNested(ushort type)
    {
        int start = Length;
        _ = Attribute(type, default(ReadOnlySpan<byte>));
        return start;
    }

    /// <summary>Ends a nested attribute: its length is known now.</summary>
    public void EndNested(int start) => BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(start), (ushort)(Length - start));

    internal ReadOnlySpan<byte> Finish(uint sequence)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_bytes, Length);
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(8), sequence);
        return _bytes.AsSpan(0, Length);
    }

    private Span<byte> Reserve(int length)
    {
        int aligned = (length + 3) & ~3;
        while (Length + aligned > _bytes.Length)
            Array.Resize(ref _bytes, _bytes.Length * 2);
        Span<byte> place = _bytes.AsSpan(Length, length);
        Length += aligned;
        return place;
    }
}
