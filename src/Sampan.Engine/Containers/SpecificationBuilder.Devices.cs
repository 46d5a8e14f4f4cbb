using Sampan.Kernel;
using Sampan.Oci;

namespace Sampan.Engine.Containers;

/// <summary>A device of the host that a container gets, and what it may do with it.</summary>
/// <param name="Node">The device as the container sees it.</param>
/// <param name="Access">Any of <c>r</c>, <c>w</c>, <c>m</c> (mknod).</param>
internal sealed record ContainerDevice(LinuxDevice Node, string Access);

public static partial class SpecificationBuilder
{
    // What the runtime makes anew in every container, and mounts of the host that are not devices.
    private static readonly string[] s_ownOfEachContainer = ["pts", "shm", "mqueue", "fd", "console", "null", "zero", "full", "random", "urandom", "tty", "ptmx", "hugepages", "lxd"];

    private static List<ContainerDevice> Devices(ContainerOptions options)
    {
        var devices = new List<ContainerDevice>();
        if (options.Privileged)
        {
            using FileDescriptor dev = HostDirectory.Open("/dev");
            foreach (string name in Syscalls.ReadDirectory(dev))
            {
                if (!s_ownOfEachContainer.Contains(name))
                    Add(devices, $"/dev/{name}", $"/dev/{name}", "rwm", named: false);
            }
        }
        foreach (string text in options.Devices)
        {
            string[] parts = text.Split(':');
            if (parts.Length > 3 || !parts[0].StartsWith('/'))
                throw Quantities.Invalid("--device", text, "PATH[:PATH_INSIDE[:rwm]]");
            bool secondIsAccess = parts.Length == 2 && IsAccess(parts[1]);
            string inside = parts.Length > 1 && !secondIsAccess && parts[1].Length > 0 ? parts[1] : parts[0];
            string access = parts.Length == 3 ? parts[2] : secondIsAccess ? parts[1] : "rwm";
            if (!IsAccess(access) || !inside.StartsWith('/'))
                throw Quantities.Invalid("--device", text, "PATH[:PATH_INSIDE[:rwm]]");
            Add(devices, parts[0], inside, access, named: true);
        }
        return devices;
    }

    private static bool IsAccess(string text) => text.Length is > 0 and <= 3 && !text.AsSpan().ContainsAnyExcept("rwm");

    private static void Add(List<ContainerDevice> devices, string path, string inside, string access, bool named)
    {
        Errno error = Syscalls.TryOpenAt(Syscalls.WorkingDirectory, path, named ? OpenFlags.Path : OpenFlags.Path | OpenFlags.NoFollow, 0, out FileDescriptor? file);
        if (error != Errno.None)
            throw new EngineException(ErrorKind.InvalidArgument, $"the device \"{Printable.Escape(path)}\" cannot be given to the container: {KernelException.Describe(error)}");
        using (file)
        {
            FileStatus status = Syscalls.Stat(file!);
            if (status.IsDirectory)
            {
                using FileDescriptor directory = HostDirectory.Open(path);
                foreach (string name in Syscalls.ReadDirectory(directory))
                    Add(devices, $"{path}/{name}", $"{inside}/{name}", access, named: false);
                return;
            }
            if (status.Type is not (FileType.Character or FileType.Block))
            {
                if (named)
                    throw new EngineException(ErrorKind.InvalidArgument, $"\"{Printable.Escape(path)}\" is not a device; use -v for files");
                return;
            }
            _ = devices.RemoveAll(device => device.Node.Path == inside);
            devices.Add(new ContainerDevice(
                new LinuxDevice
                {
                    Path = inside,
                    Type = status.Type == FileType.Block ? "b" : "c",
                    Major = status.Device.Major,
                    Minor = status.Device.Minor,
                    FileMode = status.Mode & 0x1FF,
                    Uid = status.Uid,
                    Gid = status.Gid,
                },
                access));
        }
    }
}
