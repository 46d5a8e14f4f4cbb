using System.Text;
using Sampan.Kernel;

namespace Sampan.Engine.Containers;

/// <summary>The files that each container has of its own under /etc, whatever the image has: hosts, hostname and resolv.conf.</summary>
internal static class ContainerFiles
{
    /// <summary>Their names below /etc and in the container's directory.</summary>
    public static readonly string[] Names = ["hosts", "hostname", "resolv.conf"];

    /// <summary>Writes them.</summary>
    public static void Write(FileDescriptor directory, ContainerOptions options, string hostname)
    {
        bool host = options.Network == "host";
        Write(directory, "hostname", hostname + "\n");
        Write(directory, "hosts", (host ? FromHost("/etc/hosts") : null) ?? $"127.0.0.1\tlocalhost {hostname}\n::1\tlocalhost ip6-localhost ip6-loopback\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n");
        Write(directory, "resolv.conf", (host ? FromHost("/etc/resolv.conf") : null) ?? "# no network\n");
    }

    private static string? FromHost(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return null; // a host without the file
        }
    }

    private static void Write(FileDescriptor directory, string name, string text)
    {
        using FileDescriptor file = Syscalls.OpenAt(directory, name, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Truncate, 0x1A4);
        Syscalls.FChMod(file, 0x1A4);
        Syscalls.WriteAll(file, Encoding.UTF8.GetBytes(text));
    }
}
