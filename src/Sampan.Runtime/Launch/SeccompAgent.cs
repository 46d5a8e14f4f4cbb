using System.Buffers;
using System.Text.Json;
using Sampan.Kernel;
using Sampan.Kernel.Children;
using Sampan.Oci;

namespace Sampan.Runtime.Launch;

/// <summary>Hands the listener of a seccomp filter to its agent (config-linux.md, "The Container Process State").</summary>
internal static class SeccompAgent
{
    public static void Send(LinuxSeccomp seccomp, ChildProcess process, int listener, OciState state)
    {
        string path = seccomp.ListenerPath ?? throw new RuntimeException("linux.seccomp: SCMP_ACT_NOTIFY needs listenerPath, the socket of the agent", RuntimeErrorKind.InvalidArgument);
        using FileDescriptor file = Syscalls.PidFdGetFd(process.PidFd, listener);
        Errno error = UnixSocket.TryConnect(path, SocketKind.Stream, allowAbstract: false, out FileDescriptor? agent);
        if (agent is null)
            throw new RuntimeException($"linux.seccomp: failed to connect with seccomp agent at {path} (listenerPath): {KernelException.Describe(error)}; start the agent first");
        using (agent)
        {
            _ = Syscalls.SendMsg(agent, Describe(seccomp, process.Pid, state), file);
        }
    }

    private static ReadOnlySpan<byte> Describe(LinuxSeccomp seccomp, int pid, OciState state)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(bytes);
        writer.WriteStartObject();
        writer.WriteString("ociVersion", state.OciVersion);
        writer.WriteStartArray("fds");
        writer.WriteStringValue("seccompFd");
        writer.WriteEndArray();
        writer.WriteNumber("pid", pid);
        if (seccomp.ListenerMetadata is { } metadata)
            writer.WriteString("metadata", metadata);
        writer.WritePropertyName("state");
        writer.WriteRawValue(state.ToJson(indented: false));
        writer.WriteEndObject();
        writer.Flush();
        return bytes.WrittenSpan;
    }
}
