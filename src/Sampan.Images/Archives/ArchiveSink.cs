using System.Globalization;
using Sampan.Oci;
using Sampan.Storage;
using Sampan.Storage.Archives;

namespace Sampan.Images.Archives;

/// <summary>Where the files of saved images go: a tar archive or a directory. Each name is written once; a second time nothing happens.</summary>
internal abstract class ArchiveSink
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>Whether a file is there already.</summary>
    public bool Has(string name) => _names.Contains(name);

    /// <summary>Adds a small document.</summary>
    public void Add(string name, byte[] content)
    {
        using var stream = new MemoryStream(content);
        Add(name, stream, content.Length);
    }

    /// <summary>Adds a file of so many bytes.</summary>
    public void Add(string name, Stream content, long size)
    {
        if (!_names.Add(name))
            return;
        for (int slash = name.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = name.IndexOf('/', slash + 1))
        {
            if (_names.Add(name[..(slash + 1)]))
                AddDirectory(name[..(slash + 1)]);
        }
        AddFile(name, content, size);
    }

    /// <summary>Writes what belongs at the end.</summary>
    public abstract void Finish();

    protected abstract void AddDirectory(string name);

    protected abstract void AddFile(string name, Stream content, long size);
}

/// <summary>A tar archive, the same for the same images: owners and times are zero.</summary>
internal sealed class TarSink(Stream archive) : ArchiveSink
{
    private readonly TarWriter _writer = new(archive);

    public override void Finish() => _writer.Finish();

    protected override void AddDirectory(string name) => _writer.Add(new TarEntry { Name = name, Type = TarEntryType.Directory, Mode = 0x1ED });

    protected override void AddFile(string name, Stream content, long size) => _writer.Add(new TarEntry { Name = name, Type = TarEntryType.Regular, Mode = 0x1A4, Size = size }, content);
}

/// <summary>A new or empty directory. What is written there is taken away again where it does not come to its end.</summary>
internal sealed class DirectorySink : ArchiveSink, IDisposable
{
    private readonly string _directory;
    private readonly bool _isNew;
    private bool _finished;

    /// <exception cref="StorageException">There is something in the way.</exception>
    public DirectorySink(string directory)
    {
        _directory = directory;
        if (File.Exists(directory))
            throw new StorageException(StorageErrorKind.Conflict, $"\"{Printable.Escape(directory)}\" is a file; an image layout needs a directory");
        _isNew = !Directory.Exists(directory);
        if (!_isNew && Directory.EnumerateFileSystemEntries(directory).Any())
            throw new StorageException(StorageErrorKind.Conflict, $"the directory \"{Printable.Escape(directory)}\" is not empty; name a new one");
        _ = Directory.CreateDirectory(directory);
    }

    public override void Finish() => _finished = true;

    public void Dispose()
    {
        if (_finished)
            return;
        foreach (string entry in Directory.EnumerateFileSystemEntries(_directory))
        {
            if (Directory.Exists(entry))
                Directory.Delete(entry, recursive: true);
            else
                File.Delete(entry);
        }
        if (_isNew)
            Directory.Delete(_directory);
    }

    protected override void AddDirectory(string name) => Directory.CreateDirectory(Path.Combine(_directory, name));

    protected override void AddFile(string name, Stream content, long size)
    {
        using var file = new FileStream(Path.Combine(_directory, name), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        content.CopyTo(file, 1 << 20);
        if (file.Length != size)
            throw new StorageException(StorageErrorKind.InvalidContent, string.Create(CultureInfo.InvariantCulture, $"the content \"{name}\" has {file.Length} bytes where {size} are promised; pull the image again"));
    }
}
