using Sampan.Engine.Containers;
using Sampan.Kernel;
using Sampan.Oci;
using Sampan.Storage;
using Sampan.Storage.Archives;
using Sampan.Storage.FileSystems;
using Sampan.Storage.Layers;

namespace Sampan.Engine;

/// <summary>One end of a copy, as the user names it.</summary>
/// <param name="Container">The container; null for the host.</param>
/// <param name="Path">The path there.</param>
public sealed record CopyEnd(StoredContainer? Container, string Path);

public sealed partial class ContainerEngine
{
    /// <summary>
    /// Copies files between a container and the host, or between two containers, by Docker's rules: into a directory that exists, as the new name
    /// where there is none, over a file where one file is copied; a source that ends with <c>/.</c> is the directory's content. In a running container volumes and
    /// binds count; no link of the container's leads out of it.
    /// </summary>
    /// <param name="source">What is copied.</param>
    /// <param name="target">Where to.</param>
    /// <param name="followLink">Whether a link that the source names counts as what it leads to.</param>
    /// <param name="archive">Whether owners, groups and set-id bits go along.</param>
    /// <exception cref="EngineException">One end is not there, or something is in the way.</exception>
    public static void Copy(CopyEnd source, CopyEnd target, bool followLink, bool archive) => Told(() =>
    {
        using CopySide from = CopySide.Open(source), to = CopySide.Open(target);
        var copy = new TreeCopy(OwnersFor(target, archive));
        FileStatus what = from.Place.Look(followLink) ?? throw new EngineException(ErrorKind.NotFound, $"{from.Place.Label} is not there");
        FileStatus? there = to.Place.Look(follow: true);
        if (from.Place.IsDirectoryName && !what.IsDirectory)
            throw new EngineException(ErrorKind.InvalidArgument, $"{from.Place.Label} is not a directory");
        if (there is null && to.Place.IsDirectoryName && !what.IsDirectory)
            throw new EngineException(ErrorKind.NotFound, $"the directory {to.Place.Label} is not there; make it first, or leave the slash out");
        if (there is { IsDirectory: false } && (what.IsDirectory || to.Place.IsDirectoryName))
            throw new EngineException(ErrorKind.InvalidArgument, $"{to.Place.Label} is a file and not a directory");
        if (there is { IsRegular: true } && what.IsRegular)
        {
            // In place, so that a file that is mounted (a bind of one file) can be written too.
            using FileDescriptor old = to.Place.Open(OpenFlags.WriteOnly), content = from.Place.Open(OpenFlags.ReadOnly);
            if (Syscalls.Stat(old).IsRegular)
                copy.Overwrite(content, old);
            return;
        }
        bool into = there is { IsDirectory: true };
        using FileDescriptor parent = into ? to.Place.Open(OpenFlags.ReadOnly | OpenFlags.Directory) : to.Place.OpenParent();
        string name = into ? from.Place.Name : to.Place.Name;
        if (what.IsDirectory)
        {
            using FileDescriptor directory = from.Place.Open(OpenFlags.ReadOnly | OpenFlags.Directory);
            if (into && from.Place.IsContent)
                copy.CopyContent(directory, parent);
            else
                copy.CopyDirectory(directory, parent, name);
        }
        else if (what.IsRegular)
        {
            using FileDescriptor content = from.Place.Open(OpenFlags.ReadOnly);
            copy.CopyFile(content, parent, name);
        }
        else
        {
            using FileDescriptor directory = from.Place.OpenParent();
            copy.Copy(directory, from.Place.Name, parent, name);
        }
    });

    /// <summary>Writes files of a container as a tar archive.</summary>
    /// <exception cref="EngineException">There is nothing of that name.</exception>
    public static void CopyOut(CopyEnd source, bool followLink, Stream archive) => Told(() =>
    {
        using CopySide from = CopySide.Open(source);
        FileStatus what = from.Place.Look(followLink) ?? throw new EngineException(ErrorKind.NotFound, $"{from.Place.Label} is not there");
        if (what.IsDirectory)
        {
            using FileDescriptor directory = from.Place.Open(OpenFlags.ReadOnly | OpenFlags.Directory);
            LayerArchive.WriteFiles(directory, null, from.Place.IsContent ? null : from.Place.Name, archive);
            return;
        }
        using FileDescriptor parent = from.Place.OpenParent();
        LayerArchive.WriteFiles(parent, from.Place.Name, null, archive);
    });

    /// <summary>Unpacks a tar archive, plain or compressed, into a directory of a container, with the owners that it has.</summary>
    /// <exception cref="EngineException">The directory is not there, or the archive is malformed.</exception>
    public void CopyIn(Stream archive, CopyEnd target) => Told(() =>
    {
        // Unpacked beside the containers first: a container must not be able to move directories away under an archive's paths.
        HostDirectory.Ensure(Places.Scratch);
        string name = $"copy-{Guid.NewGuid():N}";
        using FileDescriptor scratch = HostDirectory.Open(Places.Scratch);
        Syscalls.MkDirAt(scratch, name, 0x1C0);
        try
        {
            using (var unpacker = new LayerUnpacker(HostDirectory.Open(Path.Combine(Places.Scratch, name)), isLayer: false))
            using (Stream plain = Decompression.Open(archive))
            {
                unpacker.Unpack(new TarReader(plain));
                unpacker.Settle([]);
                using CopySide to = CopySide.Open(target);
                using FileDescriptor directory = to.Place.Open(OpenFlags.ReadOnly | OpenFlags.Directory);
                new TreeCopy(new TreeCopyOptions(KeepOwners: true, 0, 0)).CopyContent(unpacker.Root, directory);
            }
        }
        catch (InvalidDataException damaged)
        {
            throw new EngineException(ErrorKind.InvalidArgument, $"the archive is damaged: {damaged.Message}", damaged);
        }
        finally
        {
            DirectoryTree.Remove(scratch, name);
        }
    });

    /// <summary>On the host files belong to whoever asks for them, in a container to its root.</summary>
    private static TreeCopyOptions OwnersFor(CopyEnd target, bool archive) =>
        target.Container is null ? new TreeCopyOptions(archive, Syscalls.GetEuid(), Syscalls.GetEgid()) : new TreeCopyOptions(archive, 0, 0);

    private static void Told(Action action)
    {
        try
        {
            action();
        }
        catch (StorageException failure)
        {
            throw StorageFailure.ToEngine(failure);
        }
    }

    /// <summary>An end that is open.</summary>
    private sealed class CopySide : IDisposable
    {
        private readonly IDisposable _owner;

        private CopySide(CopyPlace place, IDisposable owner) => (Place, _owner) = (place, owner);

        public CopyPlace Place { get; }

        public static CopySide Open(CopyEnd end)
        {
            string label = $"\"{Printable.Excerpt(end.Path, 200)}\"";
            if (end.Container is not { } container)
            {
                RootDirectory host = RootDirectory.Open("/");
                return new CopySide(new CopyPlace(host, Path.IsPathRooted(end.Path) ? end.Path : $"{Environment.CurrentDirectory}/{end.Path}", label), host);
            }
            ContainerFileSystem files = ContainerFileSystem.Open(container, withMounts: true);
            return new CopySide(new CopyPlace(files.Root, end.Path, $"{label} of the container {container.Record.Name}"), files);
        }

        public void Dispose() => _owner.Dispose();
    }
}
