using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Sampan.Kernel;

/// <summary>
/// A program of about two hundred bytes whose only work is to execute another one. Executed first, it takes the place of the runtime as what
/// <c>/proc/self/exe</c> names, so that whatever the container's program is (<c>/proc/self/exe</c> itself, a script with <c>#!/proc/self/exe</c>,
/// a file exchanged between check and exec), it finds these bytes in a sealed memory file and not the runtime on the host's disk.
/// </summary>
/// <remarks>
/// Its arguments are the path to execute, then the arguments for it; its environment is passed on. It marks the status descriptor close-on-exec
/// first and exits where that fails, so that a container that starts it again (it can, through /proc/self/exe) gets nowhere. When the
/// execution fails it writes what the caller's protocol asks for, with the error, to the status descriptor, and exits with 127.
/// </remarks>
public static class ExecStub
{
    private const int BaseAddress = 0x400000;
    private const int HeaderSize = 64 + 56;

    /// <summary>Whether this machine executes memory files: sysctl vm.memfd_noexec, since Linux 6.3, is not 2.</summary>
    public static bool CanExecuteMemoryFiles
    {
        get
        {
            if (Syscalls.TryOpenAt(Syscalls.WorkingDirectory, "/proc/sys/vm/memfd_noexec", OpenFlags.ReadOnly, 0, out FileDescriptor? file) != Errno.None)
                return true;
            using (file)
            {
                Span<byte> text = stackalloc byte[1];
                return Syscalls.TryRead(file!, text) != 1 || text[0] != (byte)'2';
            }
        }
    }

    /// <summary>Makes the program, sealed against every change. To be executed with execveat(AT_EMPTY_PATH).</summary>
    /// <param name="statusDescriptor">The number that the status descriptor has in the child when the program runs; not close-on-exec at that moment.</param>
    /// <param name="report">What to write to it when the execution fails.</param>
    /// <param name="errorOffset">Where in <paramref name="report"/> the error number goes, as 4 bytes.</param>
    /// <exception cref="KernelException">Memory files cannot be made or sealed here.</exception>
    public static FileDescriptor Create(int statusDescriptor, ReadOnlySpan<byte> report, int errorOffset)
    {
        byte[] program = RuntimeInformation.ProcessArchitecture == Architecture.Arm64
            ? Arm64(statusDescriptor, report, errorOffset)
            : X64(statusDescriptor, report, errorOffset);
        FileDescriptor file = Syscalls.MemFdCreateExecutable("sampan-exec");
        Syscalls.WriteAll(file, program);
        Syscalls.FChMod(file, 0x16d); // 0555: the container's user may be anybody
        Syscalls.AddAllSeals(file);
        return file;
    }

    /// <summary>
    /// The report lies behind the code; the error is written into a copy on the stack, because the program's only segment is not writable.
    /// </summary>
    private static byte[] X64(int status, ReadOnlySpan<byte> report, int errorOffset)
    {
        var code = new List<byte>();
        void Emit(params ReadOnlySpan<byte> bytes) => code.AddRange(bytes);
        void Number(int value) => Emit((byte)value, (byte)(value >> 8), (byte)(value >> 16), (byte)(value >> 24));

        Emit(0xBF); Number(status); // mov edi, status
        Emit(0xBE); Number(2); // mov esi, F_SETFD
        Emit(0xBA); Number(1); // mov edx, FD_CLOEXEC
        Emit(0xB8); Number(72); // mov eax, fcntl
        Emit(0x0F, 0x05); // syscall
        Emit(0x85, 0xC0); // test eax, eax
        Emit(0x75, 0); // jnz exit
        int toExit = code.Count - 1;
        Emit(0x48, 0x8B, 0x0C, 0x24); // mov rcx, [rsp]          argc
        Emit(0x48, 0x8B, 0x7C, 0x24, 0x08); // mov rdi, [rsp+8]  argv[0]: the path
        Emit(0x48, 0x8D, 0x74, 0x24, 0x10); // lea rsi, [rsp+16] argv + 1
        Emit(0x48, 0x8D, 0x54, 0xCC, 0x10); // lea rdx, [rsp+rcx*8+16] envp
        Emit(0xB8); Number(59); // mov eax, execve
        Emit(0x0F, 0x05); // syscall
        int size = (report.Length + 15) & ~15;
        Emit(0x48, 0x81, 0xEC); Number(size); // sub rsp, size
        Emit(0xF7, 0xD8); // neg eax
        Emit(0x89, 0xC3); // mov ebx, eax               the error
        Emit(0x48, 0x8D, 0x35); // lea rsi, [rip+report]
        int reportReference = code.Count;
        Number(0);
        Emit(0x48, 0x89, 0xE7); // mov rdi, rsp
        Emit(0xB9); Number(report.Length); // mov ecx, length
        Emit(0xF3, 0xA4); // rep movsb
        Emit(0x89, 0x9C, 0x24); Number(errorOffset); // mov [rsp+errorOffset], ebx
        Emit(0xBF); Number(status); // mov edi, status
        Emit(0x48, 0x89, 0xE6); // mov rsi, rsp
        Emit(0xBA); Number(report.Length); // mov edx, length
        Emit(0xB8); Number(1); // mov eax, write
        Emit(0x0F, 0x05); // syscall
        code[toExit] = (byte)(code.Count - toExit - 1);
        Emit(0xBF); Number(127); // exit: mov edi, 127
        Emit(0xB8); Number(231); // mov eax, exit_group
        Emit(0x0F, 0x05); // syscall
        BinaryPrimitives.WriteInt32LittleEndian(CollectionsMarshal.AsSpan(code)[reportReference..], code.Count - reportReference - 4);
        return Elf(62, CollectionsMarshal.AsSpan(code), report);
    }

    private static byte[] Arm64(int status, ReadOnlySpan<byte> report, int errorOffset)
    {
        var code = new List<uint>();
        void Move(int register, int value) // movz, movk
        {
            code.Add(0xD2800000u | ((uint)(value & 0xffff) << 5) | (uint)register);
            code.Add(0xF2A00000u | ((uint)((value >> 16) & 0xffff) << 5) | (uint)register);
        }

        const uint Svc = 0xD4000001;
        Move(0, status);
        Move(1, 2); // F_SETFD
        Move(2, 1); // FD_CLOEXEC
        Move(8, 25); // fcntl
        code.Add(Svc);
        int toExit = code.Count;
        code.Add(0); // cbnz x0, exit
        code.Add(0xF94003E3); // ldr x3, [sp]           argc
        code.Add(0xF94007E0); // ldr x0, [sp, #8]       argv[0]: the path
        code.Add(0x910043E1); // add x1, sp, #16        argv + 1
        code.Add(0x8B030C22); // add x2, x1, x3, lsl #3 envp
        Move(8, 221); // execve
        code.Add(Svc);
        code.Add(0x4B0003E4); // neg w4, w0             the error
        uint size = (uint)((report.Length + 15) & ~15);
        code.Add(0xD10003FFu | (size << 10)); // sub sp, sp, #size
        int reportReference = code.Count;
        code.Add(0); // adr x5, report
        Move(6, 0);
        int loop = code.Count;
        code.Add(0x386668A7); // ldrb w7, [x5, x6]
        code.Add(0x38266BE7); // strb w7, [sp, x6]
        code.Add(0x910004C6); // add x6, x6, #1
        code.Add(0xF10000DFu | ((uint)report.Length << 10)); // cmp x6, #length
        code.Add(0x54000001u | ((uint)((loop - code.Count) & 0x7ffff) << 5)); // b.ne loop
        code.Add(0xB90003E4u | ((uint)(errorOffset / 4) << 10)); // str w4, [sp, #errorOffset]
        Move(0, status);
        code.Add(0x910003E1); // mov x1, sp
        Move(2, report.Length);
        Move(8, 64); // write
        code.Add(Svc);
        code[toExit] = 0xB5000000u | ((uint)(code.Count - toExit) << 5);
        Move(0, 127);
        Move(8, 94); // exit_group
        code.Add(Svc);
        int distance = (code.Count - reportReference) * 4;
        code[reportReference] = 0x10000005u | ((uint)(distance & 3) << 29) | ((uint)(distance >> 2) << 5);
        byte[] bytes = new byte[code.Count * 4];
        for (int i = 0; i < code.Count; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * 4), code[i]);
        return Elf(183, bytes, report);
    }

    /// <summary>elf(5): a header, one program header for one segment that is readable and executable, the code, the data.</summary>
    private static byte[] Elf(ushort machine, ReadOnlySpan<byte> code, ReadOnlySpan<byte> data)
    {
        byte[] file = new byte[HeaderSize + code.Length + data.Length];
        Span<byte> at = file;
        ReadOnlySpan<byte> identity = [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1];
        identity.CopyTo(at);
        BinaryPrimitives.WriteUInt16LittleEndian(at[16..], 2); // e_type ET_EXEC
        BinaryPrimitives.WriteUInt16LittleEndian(at[18..], machine);
        BinaryPrimitives.WriteUInt32LittleEndian(at[20..], 1); // e_version
        BinaryPrimitives.WriteUInt64LittleEndian(at[24..], BaseAddress + HeaderSize); // e_entry
        BinaryPrimitives.WriteUInt64LittleEndian(at[32..], 64); // e_phoff
        BinaryPrimitives.WriteUInt16LittleEndian(at[52..], 64); // e_ehsize
        BinaryPrimitives.WriteUInt16LittleEndian(at[54..], 56); // e_phentsize
        BinaryPrimitives.WriteUInt16LittleEndian(at[56..], 1); // e_phnum
        Span<byte> segment = at[64..];
        BinaryPrimitives.WriteUInt32LittleEndian(segment, 1); // PT_LOAD
        BinaryPrimitives.WriteUInt32LittleEndian(segment[4..], 5); // PF_R | PF_X
        BinaryPrimitives.WriteUInt64LittleEndian(segment[16..], BaseAddress);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[24..], BaseAddress);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[32..], (ulong)file.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[40..], (ulong)file.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[48..], 0x10000); // p_align: 64 KiB pages of arm64 too
        code.CopyTo(at[HeaderSize..]);
        data.CopyTo(at[(HeaderSize + code.Length)..]);
        return file;
    }
}
