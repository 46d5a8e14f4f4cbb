using System.IO.Compression;
using Sampan.Kernel;

namespace Sampan.Engine.Images;

/// <summary>Opens an image archive of the host so that it can be sought in; one compressed by gzip is inflated to a file without a name first.</summary>
internal static class ArchiveFile
{
    public static Stream Open(string path, string scratch)
    {
        Errno error = Syscalls.TryOpenAt(Syscalls.WorkingDirectory, path, OpenFlags.ReadOnly | OpenFlags.NonBlocking, 0, out FileDescriptor? file);
        if (error != Errno.None)
            throw new EngineException(ErrorKind.NotFound, $"the image archive \"{Text.Printable(path)}\" cannot be opened: {KernelException.Describe(error)}");
        if (!Syscalls.Stat(file!).IsRegular)
        {
            file!.Dispose();
            throw new EngineException(ErrorKind.InvalidArgument, $"the image archive \"{Text.Printable(path)}\" is not a regular file");
        }
        Stream stream = file!.ToStream(FileAccess.Read);
        Span<byte> magic = stackalloc byte[4];
        int read = stream.ReadAtLeast(magic, 4, throwOnEndOfStream: false);
        stream.Position = 0;
        if (read == 4 && magic.SequenceEqual((ReadOnlySpan<byte>)[0x28, 0xb5, 0x2f, 0xfd]))
        {
            stream.Dispose();
            throw new EngineException(ErrorKind.InvalidImage, $"the image archive \"{Text.Printable(path)}\" is compressed by zstd, which this version cannot read; decompress it first (zstd -d)");
        }
        return read >= 2 && magic[0] == 0x1f && magic[1] == 0x8b ? Inflate(stream, path, scratch) : stream;
    }

    private static FileStream Inflate(Stream compressed, string path, string scratch)
    {
        string name = Path.Combine(scratch, $"archive-{Guid.NewGuid():N}");
        var plain = new FileStream(name, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        try
        {
            File.Delete(name);
            using (compressed)
            using (var inflate = new GZipStream(compressed, CompressionMode.Decompress))
            {
                inflate.CopyTo(plain, 1 << 20);
            }
            plain.Position = 0;
            return plain;
        }
        catch (InvalidDataException cause)
        {
            plain.Dispose();
            throw new EngineException(ErrorKind.InvalidImage, $"the image archive \"{Text.Printable(path)}\" is damaged: {cause.Message}", cause);
        }
    }
}
