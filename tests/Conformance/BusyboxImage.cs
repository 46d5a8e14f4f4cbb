using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;

namespace Sampan.Tests.Conformance;

/// <summary>
/// A <c>docker save</c> archive of one layer, made from Debian's static busybox: the engines import it, so that no registry is needed.
/// The format is the one of the Docker image specification v1.2: <c>manifest.json</c>, a configuration and <c>layer.tar</c>.
/// </summary>
public static class BusyboxImage
{
    /// <summary>Name under which every engine knows the image, in full, since containerd knows no short names.</summary>
    public const string Name = "docker.io/library/sampan-busybox:1";

    private static readonly string[] Applets =
    [
        "sh", "cat", "echo", "sleep", "true", "false", "id", "ls", "stat", "touch", "mkdir", "rm", "env", "hostname", "head", "tail", "dd", "grep",
        "ps", "kill", "tty", "stty", "mount", "umount", "df", "date", "wc", "test", "seq", "readlink", "mknod", "unshare", "ip", "ulimit", "nproc", "awk", "sed",
    ];

    /// <summary>Writes the archive to <paramref name="path"/>.</summary>
    public static void Write(string path)
    {
        DebianPackages.Require(["/bin/busybox"], ["busybox-static"]);
        byte[] layer = Layer();
        string diffId = Convert.ToHexStringLower(SHA256.HashData(layer));
        byte[] configuration = Encoding.UTF8.GetBytes(
            $$$"""
            {"architecture":"amd64","os":"linux","created":"2024-01-01T00:00:00Z",
             "config":{"Env":["PATH=/bin","IMAGE=busybox"],"Cmd":["sh"],"WorkingDir":"/root"},
             "rootfs":{"type":"layers","diff_ids":["sha256:{{{diffId}}}"]},
             "history":[{"created":"2024-01-01T00:00:00Z","created_by":"tests"}]}
            """);
        string configurationName = Convert.ToHexStringLower(SHA256.HashData(configuration)) + ".json";
        byte[] manifest = Encoding.UTF8.GetBytes($$"""[{"Config":"{{configurationName}}","RepoTags":["{{Name}}"],"Layers":["{{diffId}}/layer.tar"]}]""");

        using FileStream file = File.Create(path);
        using TarWriter writer = new(file, TarEntryFormat.Ustar);
        Add(writer, configurationName, configuration);
        Add(writer, $"{diffId}/layer.tar", layer);
        Add(writer, "manifest.json", manifest);
    }

    private static byte[] Layer()
    {
        using MemoryStream bytes = new();
        using (TarWriter writer = new(bytes, TarEntryFormat.Ustar))
        {
            foreach (string folder in (string[])["bin", "dev", "etc", "home", "proc", "root", "run", "sys", "tmp", "var"])
            {
                int mode = folder == "tmp" ? 0b001_111_111_111 : 0b111_101_101;
                writer.WriteEntry(new UstarTarEntry(TarEntryType.Directory, folder + "/") { Mode = (UnixFileMode)mode, ModificationTime = DateTimeOffset.UnixEpoch });
            }

            Add(writer, "bin/busybox", File.ReadAllBytes("/bin/busybox"), executable: true);
            foreach (string applet in Applets.Distinct())
            {
                writer.WriteEntry(new UstarTarEntry(TarEntryType.SymbolicLink, $"bin/{applet}") { LinkName = "busybox", ModificationTime = DateTimeOffset.UnixEpoch });
            }

            Add(writer, "etc/passwd", "root:x:0:0:root:/root:/bin/sh\nsailor:x:1000:1000::/home:/bin/sh\n"u8.ToArray());
            Add(writer, "etc/group", "root:x:0:\nsailor:x:1000:\ncrew:x:2000:sailor\n"u8.ToArray());
            Add(writer, "etc/plain", "not a program\n"u8.ToArray());
        }

        return bytes.ToArray();
    }

    private static void Add(TarWriter writer, string name, byte[] content, bool executable = false)
    {
        using MemoryStream data = new(content);
        writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name)
        {
            DataStream = data,
            Mode = (UnixFileMode)(executable ? 0b111_101_101 : 0b110_100_100),
            ModificationTime = DateTimeOffset.UnixEpoch,
        });
    }
}
