using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;

namespace Sampan.Tests.Integration.Images;

/// <summary>Writes images as <c>docker save</c> did before it wrote layouts: layers of files, each with Debian's busybox in its lowest.</summary>
internal sealed class TestImage
{
    private readonly List<byte[]> _layers = [];

    /// <summary>An image whose lowest layer is busybox with links for its applets that tests use.</summary>
    public static TestImage OfBusybox() => new TestImage().Layer(tar =>
    {
        foreach (string directory in (string[])["bin", "etc", "tmp", "dev", "proc", "sys"])
            tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, directory + "/") { Mode = (UnixFileMode)0x1ED });
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "bin/busybox") { Mode = (UnixFileMode)0x1ED, DataStream = new MemoryStream(File.ReadAllBytes("/usr/bin/busybox")) });
        foreach (string applet in (string[])["sh", "true", "cat", "echo", "ls", "dd", "sleep"])
            tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, $"bin/{applet}") { LinkName = "busybox" });
    });

    /// <summary>Adds a layer with one file.</summary>
    public TestImage WithFile(string name, byte[] content) => Layer(tar => tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { Mode = (UnixFileMode)0x1A4, DataStream = new MemoryStream(content) }));

    /// <summary>Adds a layer.</summary>
    public TestImage Layer(Action<TarWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, TarEntryFormat.Pax, leaveOpen: true))
            write(tar);
        _layers.Add(bytes.ToArray());
        return this;
    }

    /// <summary>An image with the same layers so far, which goes its own way from here.</summary>
    public TestImage Fork()
    {
        var copy = new TestImage();
        copy._layers.AddRange(_layers);
        return copy;
    }

    /// <summary>Writes the archive.</summary>
    /// <returns>The image's id without <c>sha256:</c>.</returns>
    public string Save(string path, string name, string created = "2026-01-02T03:04:05Z")
    {
        string diffIds = string.Join(',', _layers.Select(static layer => $"\"sha256:{Hex(layer)}\""));
        byte[] config = Encoding.UTF8.GetBytes($$$"""{"architecture":"amd64","os":"linux","created":"{{{created}}}","config":{"Cmd":["sh"],"Env":["PATH=/bin"],"Labels":{"test":"yes"}},"rootfs":{"type":"layers","diff_ids":[{{{diffIds}}}]}}""");
        using var tar = new TarWriter(File.Create(path), TarEntryFormat.Pax);
        foreach (byte[] layer in _layers.DistinctBy(Hex))
            Member(tar, $"{Hex(layer)}/layer.tar", layer);
        Member(tar, $"{Hex(config)}.json", config);
        string layers = string.Join(',', _layers.Select(static layer => $"\"{Hex(layer)}/layer.tar\""));
        Member(tar, "manifest.json", Encoding.UTF8.GetBytes($$"""[{"Config":"{{Hex(config)}}.json","RepoTags":["{{name}}"],"Layers":[{{layers}}]}]"""));
        return Hex(config);
    }

    private static void Member(TarWriter tar, string name, byte[] content) => tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
