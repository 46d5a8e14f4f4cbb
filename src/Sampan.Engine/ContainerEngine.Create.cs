using Sampan.Engine.Containers;
using Sampan.Images;
using Sampan.Kernel;
using Sampan.Oci;
using Sampan.Storage;
using Sampan.Storage.Content;
using Sampan.Storage.Layers;

namespace Sampan.Engine;

public sealed partial class ContainerEngine
{
    /// <summary>Makes a container and mounts its file system; <see cref="Launch"/> starts it.</summary>
    /// <exception cref="EngineException">An option, the image or the name is wrong; nothing is left behind.</exception>
    public StoredContainer Create(ContainerOptions options)
    {
        if (options.Network is not ("none" or "host") && !options.Network.StartsWith("container:", StringComparison.Ordinal))
            throw new EngineException(ErrorKind.InvalidArgument, $"--network {Printable.Escape(options.Network)} is not there yet: this version has none, host and container:NAME");
        Places.Make();
        Store.RemoveMarked();
        using ContentLease? lease = options.Image is null ? null : Images.Content.Lease();
        (ImageExecution image, string imageId, LayerLease? held) = ImageOf(options, lease);
        // Until the record names them, nobody else knows that the layers are needed.
        using LayerLease? layers = held;
        IReadOnlyList<string> directories = layers?.Directories ?? [];
        string id = ContainerStore.NewId();
        using UnfinishedMark mark = UnfinishedMark.Take(Places, id);
        string directory = Store.MakeDirectory(id);
        string? name = null;
        try
        {
            name = Store.Reserve(options.Name, id);
            string rootFs = options.RootFs is { } own ? OwnRoot(own) : ContainerRootFs.Mount(directory, directories);
            using FileDescriptor folder = HostDirectory.Open(directory);
            ContainerFiles.Write(folder, options, options.HostUts ? Environment.MachineName : SpecificationBuilder.HostnameOf(options, id));
            MakeSources(options);
            var context = new SpecificationContext(id, rootFs, image, directory, CgroupPath(options, id), NetworkNamespaceOf(options), HostMachine.Detect());
            Spec spec = SpecificationBuilder.Build(options, context);
            MakeWorkingDirectory(rootFs, spec.Process!.Cwd);
            AtomicFile.Write(folder, "config.json", spec.ToJson(indented: false), durable: false);
            ContainerRecord record = RecordOf(options, id, name, image, imageId, directories, rootFs, spec);
            record.Save(folder);
            return new StoredContainer(record, directory);
        }
        catch
        {
            ContainerRootFs.Unmount(directory);
            Store.RemoveUnfinished(id, name ?? "");
            throw;
        }
    }

    private (ImageExecution Image, string Id, LayerLease? Layers) ImageOf(ContainerOptions options, ContentLease? lease)
    {
        if (lease is null)
            return (new ImageExecution(), "", null);
        try
        {
            (ImageContent image, LayerLease layers) = OpenImage(options, lease);
            return (image.Config.Config ?? new ImageExecution(), image.Id.ToString(), layers);
        }
        catch (StorageException failure)
        {
            throw StorageFailure.ToEngine(failure);
        }
    }

    private ContainerRecord RecordOf(ContainerOptions options, string id, string name, ImageExecution image, string imageId, IReadOnlyList<string> layers, string rootFs, Spec spec)
    {
        string signal = options.StopSignal ?? image.StopSignal ?? "SIGTERM";
        Dictionary<string, string> labels = Labels(options, image);
        return new ContainerRecord
        {
            Id = id,
            Name = name,
            Image = options.Image ?? options.RootFs!,
            ImageId = imageId,
            Created = TimeProvider.System.GetUtcNow(),
            Command = spec.Process!.Args!,
            ConfigJson = SpecificationBuilder.Execution(options, image, labels).ToJson(indented: false),
            Labels = labels,
            Layers = layers,
            RootFs = rootFs,
            Runtime = _runtime,
            Terminal = options.Terminal,
            Interactive = options.Interactive,
            Remove = options.Remove,
            Network = options.Network,
            StopSignal = Signal.TryParse(signal, out int number) ? number : throw Quantities.Invalid("--stop-signal", signal, "a signal of signal(7)"),
            StopTimeout = options.StopTimeout ?? 10,
        };
    }

    private static Dictionary<string, string> Labels(ContainerOptions options, ImageExecution image)
    {
        var labels = new Dictionary<string, string>(image.Labels ?? [], StringComparer.Ordinal);
        foreach (string text in options.Labels)
        {
            int equals = text.IndexOf('=', StringComparison.Ordinal);
            if (text.Length == 0 || equals == 0)
                throw Quantities.Invalid("--label", text, "KEY=VALUE");
            labels[equals < 0 ? text : text[..equals]] = equals < 0 ? "" : text[(equals + 1)..];
        }
        return labels;
    }

    private static string OwnRoot(string path)
    {
        string full = Path.GetFullPath(path);
        if (!Directory.Exists(full))
            throw new EngineException(ErrorKind.NotFound, $"the root file system \"{Printable.Escape(path)}\" is not a directory");
        return full == "/" ? throw new EngineException(ErrorKind.InvalidArgument, "--rootfs / would give the container the host's own root; name another directory") : full;
    }

    /// <summary>A bind's source that is missing is made as a directory for <c>-v</c>, as Docker does, and is an error for <c>--mount</c>.</summary>
    private static void MakeSources(ContainerOptions options)
    {
        foreach (MountOption mount in options.Mounts)
        {
            if (mount.Type != "bind" || Path.Exists(mount.Source))
                continue;
            if (!mount.MakeSource)
                throw new EngineException(ErrorKind.InvalidArgument, $"the bind source \"{Printable.Escape(mount.Source)}\" does not exist; make it, or use -v");
            _ = Directory.CreateDirectory(mount.Source);
        }
    }

    private static void MakeWorkingDirectory(string rootFs, string cwd)
    {
        using RootDirectory root = RootDirectory.Open(rootFs);
        try
        {
            root.MakeDirectories(cwd, 0x1ED).Dispose();
        }
        catch (KernelException cause) when (cause.Errno is Errno.ENOTDIR or Errno.ELOOP)
        {
            throw new EngineException(ErrorKind.InvalidArgument, $"the working directory \"{Printable.Escape(cwd)}\" cannot be made in the container: {KernelException.Describe(cause.Errno)}", cause);
        }
        catch (KernelException cause) when (cause.Errno == Errno.EROFS)
        {
            // A read-only root of the user's own: the runtime says whether the directory is there.
        }
    }

    private string CgroupPath(ContainerOptions options, string id)
    {
        // One level of its own: a parent for each root would be nobody's to remove.
        if (options.CgroupParent is not { } parent)
            return $"/sampan-{Places.Hash}-{id}";
        if (!parent.StartsWith('/') || parent.Split('/').Contains(".."))
            throw Quantities.Invalid("--cgroup-parent", parent, "an absolute cgroup path");
        return $"{parent.TrimEnd('/')}/{id}";
    }

    private string? NetworkNamespaceOf(ContainerOptions options)
    {
        if (!options.Network.StartsWith("container:", StringComparison.Ordinal))
            return null;
        StoredContainer other = Store.Find(options.Network[10..]);
        ContainerState state = other.State();
        return state.Status == ContainerStatus.Running
            ? $"/proc/{state.Pid}/ns/net"
            : throw new EngineException(ErrorKind.Conflict, $"--network {Printable.Escape(options.Network)}: that container does not run; start it first");
    }
}
