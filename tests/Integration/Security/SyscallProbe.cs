using System.Buffers.Binary;

namespace Sampan.Tests.Integration.Security;

/// <summary>Writes the smallest program for x86-64 that makes one system call and exits with its error number, or 0.</summary>
internal static class SyscallProbe
{
    private const ulong Base = 0x400000;

    /// <summary>A 64-bit call with up to three arguments.</summary>
    public static void Write(string path, uint number, params ReadOnlySpan<uint> args)
    {
        var code = new List<byte>();
        Move(code, 0xb8, number);
        Move(code, 0xbf, args.Length > 0 ? args[0] : 0);
        Move(code, 0xbe, args.Length > 1 ? args[1] : 0);
        Move(code, 0xba, args.Length > 2 ? args[2] : 0);
        code.AddRange([0x0f, 0x05]);
        Finish(path, code);
    }

    /// <summary>A call of the 32-bit table (int 0x80). The second argument of socketcall(2) points to the three words behind the program.</summary>
    public static void Write32(string path, uint number, uint first, params ReadOnlySpan<uint> words)
    {
        var code = new List<byte>();
        Move(code, 0xb8, number);
        Move(code, 0xbb, first);
        Move(code, 0xb9, (uint)Base + 0x200);
        code.AddRange([0xcd, 0x80]);
        Finish(path, code, words);
    }

    private static void Move(List<byte> code, byte register, uint value)
    {
        code.Add(register);
        code.AddRange(BitConverter.GetBytes(value));
    }

    private static void Finish(string path, List<byte> code, params ReadOnlySpan<uint> words)
    {
        // test eax,eax; jns +2; neg eax ... a result that is no error is 0: xor edi,edi; mov edi,eax; mov eax,60; syscall
        code.AddRange([0x31, 0xff, 0x85, 0xc0, 0x79, 0x04, 0xf7, 0xd8, 0x89, 0xc7, 0xb8, 60, 0, 0, 0, 0x0f, 0x05]);
        byte[] file = new byte[0x240];
        ReadOnlySpan<byte> identity = [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1];
        identity.CopyTo(file);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(16), 2);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(18), 62);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(20), 1);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(24), Base + 120);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(32), 64);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(52), 64);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(54), 56);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(56), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(64), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(68), 5);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(80), Base);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(88), Base);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(96), (ulong)file.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(104), (ulong)file.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(112), 0x1000);
        code.ToArray().CopyTo(file, 120);
        for (int i = 0; i < words.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(0x200 + (4 * i)), words[i]);
        File.WriteAllBytes(path, file);
        File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
    }
}
