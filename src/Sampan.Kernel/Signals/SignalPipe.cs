using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Sampan.Kernel.Signals;

/// <summary>
/// Signals as something to read. signalfd(2) will not do in a .NET program: a signal must be blocked in every thread, and the collector's
/// finalizer thread, which is there before Main, blocks none; a TERM would end the process through it. So the signals get a handler: a few
/// bytes of machine code, which is safe on any thread at any instant because it does nothing but write the signal's number into a pipe.
/// </summary>
/// <remarks>
/// Opened once in a process; handlers and pipe stay until it ends, so that a signal that comes when nobody reads any more ends no clean-up. A child's
/// handlers are cleared at clone (CLONE_CLEAR_SIGHAND).
/// </remarks>
public sealed unsafe class SignalPipe
{
    private const ulong SA_RESTORER = 0x04000000;
    private const ulong SA_ONSTACK = 0x08000000;
    private const ulong SA_RESTART = 0x10000000;
    private const int HandlerOffset = 16;

    private SignalPipe(FileDescriptor read) => Descriptor = read;

    /// <summary>Readable while a signal waits; not blocking.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>Catches the signals of a set from now on.</summary>
    /// <exception cref="KernelException">The process has no descriptor left, or a signal cannot be caught.</exception>
    public static SignalPipe Open(SignalSet signals)
    {
        (FileDescriptor read, FileDescriptor write) = Syscalls.Pipe();
        Syscalls.SetNonBlocking(read, true);
        Syscalls.SetNonBlocking(write, true); // a full pipe must not stop the handler; 16,000 waiting signals are enough
        nint code = Syscalls.MapExecutable(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? Arm64(write.Number) : X64(write.Number));
        write.SetHandleAsInvalid(); // its number is in the code: nothing may close it
        for (int signal = 1; signal <= Signal.RtMax; signal++)
        {
            if (signals.Contains(signal))
                Syscalls.SigAction(signal, code + HandlerOffset, SA_RESTORER | SA_ONSTACK | SA_RESTART, code);
        }

        return new SignalPipe(read);
    }

    /// <summary>
    /// All that a program in front of a container passes on: everything that can be caught but SIGCHLD, SIGURG and SIGPIPE, what tells of the
    /// program's own faults, and the three numbers that glibc and the .NET runtime keep for themselves (32 to 34).
    /// </summary>
    public static SignalSet Forwarded
    {
        get
        {
            ulong own = SignalSet.Of(4, 5, 7, 8, Signal.Kill, 11, Signal.Pipe, Signal.Child, Signal.Stop, Signal.Urg, 31, 32, 33, 34).Bits;
            return new SignalSet(ulong.MaxValue & ~own);
        }
    }

    /// <summary>The next signal that waits; 0 where none does.</summary>
    public int Read()
    {
        Span<byte> number = stackalloc byte[4];
        return Syscalls.TryRead(Descriptor, number) == 4 ? BinaryPrimitives.ReadInt32LittleEndian(number) : 0;
    }

    /// <summary>At 0 what returns from the handler (rt_sigreturn), at 16 the handler: it writes its argument's 4 bytes to the pipe.</summary>
    private static byte[] X64(int descriptor)
    {
        byte[] code =
        [
            0xB8, 15, 0, 0, 0, 0x0F, 0x05, 0xCC, 0xCC, 0xCC, 0xCC, 0xCC, 0xCC, 0xCC, 0xCC, 0xCC, // mov eax, rt_sigreturn; syscall
            0x57, // push rdi: the signal's number
            0xBF, 0, 0, 0, 0, // mov edi, descriptor
            0x48, 0x89, 0xE6, // mov rsi, rsp
            0xBA, 4, 0, 0, 0, // mov edx, 4
            0xB8, 1, 0, 0, 0, // mov eax, write
            0x0F, 0x05, // syscall
            0x5F, // pop rdi
            0xC3, // ret
        ];
        BinaryPrimitives.WriteInt32LittleEndian(code.AsSpan(18), descriptor);
        return code;
    }

    private static byte[] Arm64(int descriptor)
    {
        ReadOnlySpan<uint> words =
        [
            0xD2801168, 0xD4000001, 0xD4200000, 0xD4200000, // mov x8, #139 (rt_sigreturn); svc #0; brk; brk
            0xD10043FF, 0xB90003E0, // sub sp, sp, #16; str w0, [sp]
            0xD2800000u | ((uint)descriptor << 5), // mov x0, descriptor
            0x910003E1, 0xD2800082, 0xD2800808, 0xD4000001, // mov x1, sp; mov x2, #4; mov x8, #64 (write); svc #0
            0x910043FF, 0xD65F03C0, // add sp, sp, #16; ret
        ];
        byte[] code = new byte[words.Length * 4];
        for (int i = 0; i < words.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(code.AsSpan(i * 4), words[i]);
        return code;
    }
}
