using System.Runtime.InteropServices;
using System.Text;

namespace Sampan.Kernel;

/// <summary>An array of strings as execve(2) wants it: pointers to NUL-ended bytes and a null pointer at the end, in one piece of unmanaged memory.</summary>
internal unsafe ref struct NativeStringArray
{
    private byte* _memory;

    /// <summary>Copies <paramref name="strings"/>.</summary>
    /// <exception cref="ArgumentException">A string contains a NUL, at which the kernel would cut it off.</exception>
    public NativeStringArray(IReadOnlyList<string> strings)
    {
        int pointers = (strings.Count + 1) * sizeof(byte*);
        int length = pointers;
        for (int i = 0; i < strings.Count; i++)
        {
            if (strings[i].Contains('\0', StringComparison.Ordinal))
                throw new ArgumentException($"a string for the kernel must not contain a NUL character: \"{strings[i].Replace("\0", "\\0", StringComparison.Ordinal)}\"");
            length += Encoding.UTF8.GetByteCount(strings[i]) + 1;
        }

        _memory = (byte*)NativeMemory.Alloc((nuint)length);
        byte** pointer = (byte**)_memory;
        byte* text = _memory + pointers;
        for (int i = 0; i < strings.Count; i++)
        {
            pointer[i] = text;
            text += Encoding.UTF8.GetBytes(strings[i], new Span<byte>(text, (int)(_memory + length - text)));
            *text++ = 0;
        }

        pointer[strings.Count] = null;
    }

    /// <summary>The address of the first pointer.</summary>
    public readonly nint Address => (nint)_memory;

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        NativeMemory.Free(_memory);
        _memory = null;
    }
}
