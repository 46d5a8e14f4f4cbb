using Sampan.Kernel;
using Sampan.Oci;

namespace Sampan.Storage.Content;

/// <summary>An image of the store.</summary>
/// <param name="Name">Its full reference, as the caller gave it; null for one without a name.</param>
/// <param name="Target">Its manifest or index.</param>
public sealed record StoredImage(string? Name, Descriptor Target);

public sealed partial class ContentStore
{
    private const string ReserveName = "reserve";
    private const int ReserveSize = 256 * 1024;
    private const int MaxIndex = 64 << 20;

    /// <summary>The images, one for each name and one for each that has none, in the order of the index.</summary>
    /// <exception cref="StorageException">The index is malformed.</exception>
    public IReadOnlyList<StoredImage> Images() => ImagesOf(ReadIndex());

    /// <summary>What a full reference names, or null.</summary>
    public Descriptor? Resolve(string name) => Images().FirstOrDefault(image => image.Name == name)?.Target;

    /// <summary>
    /// Gives content a name; a name that exists moves to it. What had the name and has no other stays in the index without one, until
    /// <see cref="Remove"/> takes it.
    /// </summary>
    /// <param name="name">The full reference, as <c>docker.io/library/debian:12</c>.</param>
    /// <param name="target">A manifest or index, which is in the store.</param>
    /// <exception cref="StorageException">The content is not in the store.</exception>
    public void Tag(string name, Descriptor target)
    {
        if (name.Length == 0 || name.AsSpan().ContainsAnyInRange('\0', ' '))
            throw new StorageException(StorageErrorKind.InvalidArgument, $"\"{Printable.Escape(name)}\" cannot name an image");
        using FileDescriptor gate = Lock(LockKind.Exclusive);
        if (!Contains(target.Digest))
            throw new StorageException(StorageErrorKind.NotFound, $"the image {Printable.Escape(name)} cannot be named: its content {target.Digest} is not in the store");
        ImageIndex index = ReadIndex();
        List<Descriptor> manifests = index.Manifests ??= [];
        Descriptor? old = manifests.Find(one => NameOf(one) == name);
        int place = old is null ? manifests.Count : manifests.IndexOf(old);
        _ = manifests.RemoveAll(one => one == old || (NameOf(one) is null && one.Digest == target.Digest));
        manifests.Insert(Math.Min(place, manifests.Count), WithName(target, name));
        if (old is not null && !manifests.Exists(one => one.Digest == old.Digest))
            manifests.Add(WithName(old, null));
        WriteIndex(index);
        EnsureReserve();
    }

    /// <summary>Enters content without a name, unless it is in the index already.</summary>
    /// <exception cref="StorageException">The content is not in the store.</exception>
    public void Keep(Descriptor target)
    {
        using FileDescriptor gate = Lock(LockKind.Exclusive);
        if (!Contains(target.Digest))
            throw new StorageException(StorageErrorKind.NotFound, $"the image {target.Digest} cannot be entered: its content is not in the store");
        ImageIndex index = ReadIndex();
        List<Descriptor> manifests = index.Manifests ??= [];
        if (manifests.Exists(one => one.Digest == target.Digest))
            return;
        manifests.Add(WithName(target, null));
        WriteIndex(index);
        EnsureReserve();
    }

    /// <summary>Takes a name away; the content stays until <see cref="Prune"/>. Works on a full disk.</summary>
    /// <param name="name">The full reference.</param>
    /// <param name="keep">Whether the image stays in the index, without a name, when this was its last.</param>
    /// <returns>Whether there was such an image.</returns>
    public bool Untag(string name, bool keep = false)
    {
        using FileDescriptor gate = Lock(LockKind.Exclusive);
        ImageIndex index = ReadIndex();
        if (index.Manifests?.Find(one => NameOf(one) == name) is not { } old)
            return false;
        _ = index.Manifests.RemoveAll(one => NameOf(one) == name);
        if (keep && !index.Manifests.Exists(one => one.Digest == old.Digest))
            index.Manifests.Add(WithName(old, null));
        WriteIndex(index);
        return true;
    }

    /// <summary>Takes images out of the index, with all their names; the content stays until <see cref="Prune"/>. Works on a full disk.</summary>
    /// <returns>How many entries there were.</returns>
    public int Remove(IReadOnlyCollection<Digest> targets)
    {
        using FileDescriptor gate = Lock(LockKind.Exclusive);
        ImageIndex index = ReadIndex();
        int removed = index.Manifests?.RemoveAll(one => targets.Contains(one.Digest)) ?? 0;
        if (removed > 0)
            WriteIndex(index);
        return removed;
    }

    private static List<StoredImage> ImagesOf(ImageIndex index) => [.. (index.Manifests ?? []).Select(static target => new StoredImage(NameOf(target), target))];

    private static Descriptor WithName(Descriptor target, string? name)
    {
        var annotations = new Dictionary<string, string>(target.Annotations ?? []);
        _ = annotations.Remove(ImageAnnotations.RefName);
        if (name is not null)
            annotations[ImageAnnotations.RefName] = name;
        return new Descriptor { MediaType = target.MediaType, Digest = target.Digest, Size = target.Size, Platform = target.Platform, ArtifactType = target.ArtifactType, Annotations = annotations };
    }

    private static string? NameOf(Descriptor target) => target.Annotations?.GetValueOrDefault(ImageAnnotations.RefName);

    private ImageIndex ReadIndex()
    {
        byte[] bytes;
        using (Stream file = Syscalls.Open(IndexPath, OpenFlags.ReadOnly).ToStream(FileAccess.Read))
        {
            if (file.Length > MaxIndex)
                throw new StorageException(StorageErrorKind.InvalidContent, $"\"{IndexPath}\" has {file.Length} bytes; more than {MaxIndex} are not read");
            bytes = new byte[file.Length];
            file.ReadExactly(bytes);
        }
        try
        {
            return ImageIndex.Parse(bytes, IndexPath);
        }
        catch (SpecException cause)
        {
            throw new StorageException(StorageErrorKind.InvalidContent, $"the image index is malformed: {cause.Message}; restore it, or use another --root", cause);
        }
    }

    /// <summary>Replaces the index. Where the disk is full the reserve gives the room, so that images can be removed in order to make some.</summary>
    private void WriteIndex(ImageIndex index)
    {
        byte[] json = index.ToJson(indented: false);
        try
        {
            AtomicFile.Write(IndexPath, json);
        }
        catch (KernelException full) when (full.Errno is Errno.ENOSPC or Errno.EDQUOT && File.Exists(ReservePath))
        {
            File.Delete(ReservePath);
            AtomicFile.Write(IndexPath, json);
        }
    }

    private string ReservePath => Path.Combine(_directory, ReserveName);

    private void EnsureReserve()
    {
        if (File.Exists(ReservePath))
            return;
        try
        {
            AtomicFile.Write(ReservePath, new byte[ReserveSize], durable: false);
        }
        catch (KernelException full) when (full.Errno is Errno.ENOSPC or Errno.EDQUOT)
        {
            // Nothing is left to reserve.
        }
    }
}
