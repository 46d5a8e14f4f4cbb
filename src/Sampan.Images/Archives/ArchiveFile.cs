using Sampan.Kernel;
using Sampan.Oci;
using Sampan.Storage;
using Sampan.Storage.Archives;

namespace Sampan.Images.Archives;

/// <summary>Opens an image archive of the host so that it can be sought in; one compressed by gzip or zstd is inflated to a file without a name first.</summary>
internal static class ArchiveFile
{
    public static Stream Open(string path, string scratch)
    {
        Errno error = Syscalls.TryOpenAt(Syscalls.WorkingDirectory, path, OpenFlags.ReadOnly | OpenFlags.NonBlocking, 0, out FileDescriptor? file);
        if (error != Errno.None)
            throw new StorageException(StorageErrorKind.NotFound, $"the image archive \"{Printable.Escape(path)}\" cannot be opened: {KernelException.Describe(error)}");
        if (!Syscalls.Stat(file!).IsRegular)
        {
            file!.Dispose();
            throw new StorageException(StorageErrorKind.InvalidArgument, $"the image archive \"{Printable.Escape(path)}\" is not a regular file");
        }
        Stream stream = file!.ToStream(FileAccess.Read);
        Span<byte> magic = stackalloc byte[4];
        int read = stream.ReadAtLeast(magic, 4, throwOnEndOfStream: false);
        stream.Position = 0;
        return Decompression.IsGzip(magic[..read]) || Decompression.IsZstd(magic[..read]) ? Inflate(stream, path, scratch) : stream;
    }

    private static FileStream Inflate(Stream compressed, string path, string scratch)
    {
        string name = Path.Combine(scratch, $"archive-{Guid.NewGuid():N}");
        var plain = new FileStream(name, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        try
        {
            File.Delete(name);
            using (compressed)
            using (Stream inflate = Decompression.Open(compressed))
            {
                inflate.CopyTo(plain, 1 << 20);
            }
            plain.Position = 0;
            return plain;
        }
        catch (InvalidDataException cause)
        {
            plain.Dispose();
            throw new StorageException(StorageErrorKind.InvalidContent, $"the image archive \"{Printable.Escape(path)}\" is damaged: {cause.Message}", cause);
        }
    }
}
