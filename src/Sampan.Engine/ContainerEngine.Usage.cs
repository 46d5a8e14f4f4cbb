using Sampan.Engine.Containers;
using Sampan.Images;
using Sampan.Kernel;

namespace Sampan.Engine;

/// <summary>What one container takes on the disk.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Image">The image as the user named it.</param>
/// <param name="ImageId">The digest of the image's configuration.</param>
/// <param name="Running">Whether it runs.</param>
/// <param name="Size">Bytes of its own: what it has changed, its log and its state.</param>
public sealed record ContainerUsage(string Id, string Name, string Image, string ImageId, bool Running, long Size)
{
    /// <summary>The short id that people see.</summary>
    public string ShortId => Id[..12];
}

/// <summary>What a root takes on the disk.</summary>
/// <param name="Images">The images.</param>
/// <param name="Containers">The containers.</param>
/// <param name="InUse">What of the images the containers need.</param>
public sealed record SystemUsage(ImagesCost Images, IReadOnlyList<ContainerUsage> Containers, ImagesInUse InUse);

public sealed partial class ContainerEngine
{
    /// <summary>What images and containers take on the disk, in bytes.</summary>
    public SystemUsage DiskUsage()
    {
        ImagesInUse inUse = ImagesInUse();
        return new SystemUsage(Images.DiskUsage(inUse), [.. Store.List().Select(UsageOf)], inUse);
    }

    /// <summary>Removes every container that does not run.</summary>
    /// <returns>Their ids, and the bytes freed.</returns>
    public (IReadOnlyList<string> Ids, long Bytes) PruneContainers()
    {
        var removed = new List<string>();
        long bytes = 0;
        foreach (StoredContainer container in Store.List())
        {
            try
            {
                if (container.State().Status is not (ContainerStatus.Exited or ContainerStatus.Created))
                    continue;
                long size = UsageOf(container).Size;
                Remove(container, force: false);
                removed.Add(container.Record.Id);
                bytes += size;
            }
            catch (Exception busy) when (busy is EngineException or KernelException)
            {
                // Started, or removed by another command, just now.
            }
        }
        return (removed, bytes);
    }

    private static ContainerUsage UsageOf(StoredContainer container)
    {
        ContainerRecord record = container.Record;
        bool running = container.State().Status == ContainerStatus.Running;
        long size = 0;
        foreach (string name in Directory.EnumerateFileSystemEntries(container.Directory).Where(path => path != record.RootFs))
            size += Directory.Exists(name) ? Storage.Layers.LayerSize.Of(name) : new FileInfo(name).Length;
        return new ContainerUsage(record.Id, record.Name, record.Image, record.ImageId, running, size);
    }
}
