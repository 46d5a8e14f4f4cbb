using Sampan.Kernel;
using Sampan.Oci;
using Sampan.Storage;
using Sampan.Storage.Archives;

namespace Sampan.Images.Archives;

/// <summary>Opens an image archive of the host so that it can be sought in; one that comes through a pipe, or is compressed by gzip or zstd, is put into a file without a name first.</summary>
internal static class ArchiveFile
{
    public static Stream Open(string path, string scratch)
    {
        Errno error = Syscalls.TryOpenAt(Syscalls.WorkingDirectory, path, OpenFlags.ReadOnly, 0, out FileDescriptor? file);
        if (error != Errno.None)
            throw new StorageException(StorageErrorKind.NotFound, $"the image archive \"{Printable.Escape(path)}\" cannot be opened: {KernelException.Describe(error)}");
        if (Syscalls.Stat(file!).IsDirectory)
        {
            file!.Dispose();
            throw new StorageException(StorageErrorKind.InvalidArgument, $"the image archive \"{Printable.Escape(path)}\" is a directory; a layout is named by oci:{Printable.Escape(path)}");
        }
        return Seekable(file!.ToStream(FileAccess.Read), path, scratch);
    }

    /// <summary>The archive as it is where it is plain and can be sought in, else its plain form in a file without a name; the source is closed then.</summary>
    public static FileStream Seekable(FileStream source, string name, string scratch)
    {
        if (!source.CanSeek)
            return Spool(source, name, scratch);
        long start = source.Position;
        string compression = Decompression.Kind(source);
        source.Position = start;
        return compression.Length == 0 ? source : Spool(source, name, scratch);
    }

    private static FileStream Spool(FileStream source, string name, string scratch)
    {
        FileStream plain = Scratch(scratch);
        try
        {
            using (source)
            using (Stream inflated = Decompression.Open(source))
                inflated.CopyTo(plain, 1 << 20);
            plain.Position = 0;
            return plain;
        }
        catch (Exception cause)
        {
            plain.Dispose();
            if (cause is InvalidDataException)
                throw new StorageException(StorageErrorKind.InvalidContent, $"the image archive \"{Printable.Escape(name)}\" is damaged: {cause.Message}", cause);
            throw;
        }
    }

    /// <summary>A file without a name, which is gone when it is closed or its process dies.</summary>
    public static FileStream Scratch(string scratch)
    {
        string path = Path.Combine(scratch, $"archive-{Guid.NewGuid():N}");
        var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete, bufferSize: 0);
        File.Delete(path);
        return file;
    }
}
