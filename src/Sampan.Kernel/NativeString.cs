using System.Runtime.InteropServices;
using System.Text;

namespace Sampan.Kernel;

/// <summary>A string as the kernel wants it: UTF-8 bytes and a NUL at their end, in unmanaged memory while the value lives.</summary>
internal unsafe ref struct NativeString
{
    private byte* _bytes;

    /// <summary>Copies <paramref name="text"/>.</summary>
    /// <exception cref="ArgumentException">The text contains a NUL, at which the kernel would cut it off.</exception>
    public NativeString(string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException($"a string for the kernel must not contain a NUL character: \"{text.Replace("\0", "\\0", StringComparison.Ordinal)}\"");
        int length = Encoding.UTF8.GetByteCount(text);
        _bytes = (byte*)NativeMemory.Alloc((nuint)length + 1);
        Encoding.UTF8.GetBytes(text, new Span<byte>(_bytes, length));
        _bytes[length] = 0;
    }

    /// <summary>The address of the first byte.</summary>
    public readonly nint Address => (nint)_bytes;

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        NativeMemory.Free(_bytes);
        _bytes = null;
    }
}
