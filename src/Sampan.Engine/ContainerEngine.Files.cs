using Sampan.Engine.Containers;
using Sampan.Images;
using Sampan.Kernel;
using Sampan.Oci;
using Sampan.Storage;
using Sampan.Storage.Layers;

namespace Sampan.Engine;

public sealed partial class ContainerEngine
{
    /// <summary>What a container has changed in its image's files, in the order of the paths.</summary>
    /// <exception cref="EngineException">It has no image, or its driver does not keep changes apart.</exception>
    public static IReadOnlyList<FileChange> Changes(StoredContainer container)
    {
        (FileDescriptor upper, IReadOnlyList<FileDescriptor> lower) = ContainerFileSystem.OpenChanges(container, "diff");
        try
        {
            return LayerChanges.Of(upper, lower, MountPointsOf(container));
        }
        finally
        {
            Close(upper, lower);
        }
    }

    /// <summary>Writes a container's own file system, without what is mounted in it, as a tar archive.</summary>
    /// <exception cref="EngineException">The container is just now started, or a file cannot be packed.</exception>
    public static void Export(StoredContainer container, Stream archive)
    {
        using ContainerFileSystem files = ContainerFileSystem.Open(container, withMounts: false);
        using FileDescriptor root = files.Root.OpenInRoot(".", OpenFlags.ReadOnly | OpenFlags.Directory);
        try
        {
            LayerArchive.WriteFiles(root, null, null, archive);
        }
        catch (StorageException failure)
        {
            throw StorageFailure.ToEngine(failure);
        }
    }

    /// <summary>Makes an image of a container's image and its changes.</summary>
    /// <param name="container">The container.</param>
    /// <param name="making">What is said of the image.</param>
    /// <param name="pause">Whether its processes stand still meanwhile.</param>
    /// <exception cref="EngineException">The container cannot be read, or a change cannot be made.</exception>
    public ImageEntry Commit(StoredContainer container, ImageMaking making, bool pause)
    {
        ContainerRecord record = container.Record;
        bool paused = pause && container.State().Status == ContainerStatus.Running;
        if (paused)
            CallRuntime(container, "pause", "paused");
        try
        {
            var build = new ImageBuild(Images);
            if (record.Layers.Count == 0)
                return build.Commit(null, record.Config, making, archive => Export(container, archive));
            ImageContent below = Images.Read(Images.EntriesOf(Digest.Parse(record.ImageId)) is [ImageEntry first, ..] ? first
                : throw new EngineException(ErrorKind.NotFound, $"the image {record.Image} of the container {record.Name} is not here any more; sampan export and sampan import make an image of all its files"));
            (FileDescriptor upper, IReadOnlyList<FileDescriptor> lower) = ContainerFileSystem.OpenChanges(container, "commit");
            try
            {
                return build.Commit(below, record.Config, making, archive => LayerArchive.Write(upper, archive, MountPointsOf(container)));
            }
            finally
            {
                Close(upper, lower);
            }
        }
        catch (StorageException failure)
        {
            throw StorageFailure.ToEngine(failure);
        }
        finally
        {
            if (paused)
                CallRuntime(container, "resume", "resumed");
        }
    }

    private static MountPoints MountPointsOf(StoredContainer container)
    {
        Spec spec = Spec.Parse(File.ReadAllBytes(Path.Combine(container.Directory, "config.json")));
        return new MountPoints((spec.Mounts ?? []).Select(static mount => mount.Destination));
    }

    private static void Close(FileDescriptor upper, IReadOnlyList<FileDescriptor> lower)
    {
        upper.Dispose();
        foreach (FileDescriptor layer in lower)
            layer.Dispose();
    }
}
