using System.CommandLine;
using Sampan.Command.CommandLine;
using Sampan.Engine;
using Sampan.Images;

namespace Sampan.Command.Commands.Maintenance;

/// <summary><c>sampan system df</c>.</summary>
internal static class SystemDfCommand
{
    public static System.CommandLine.Command Create()
    {
        var verbose = new Option<bool>("--verbose", "-v") { Description = "each image and container" };
        var command = new System.CommandLine.Command("df", "Show what images and containers take on the disk, and what could be freed") { verbose };
        command.SetAction(parsed =>
        {
            using ContainerEngine engine = GlobalOptions.Engine(parsed);
            SystemUsage usage = engine.DiskUsage();
            Output.Write(parsed.GetValue(verbose) ? Whole(usage) : Summary(usage));
            return 0;
        });
        return command;
    }

    private static string Summary(SystemUsage usage)
    {
        int used = usage.Images.Images.Count(one => usage.InUse.Images.Contains(one.Image.Id));
        long stopped = usage.Containers.Where(static one => !one.Running).Sum(static one => one.Size), all = usage.Containers.Sum(static one => one.Size);
        return Table.Of(
            ["TYPE", "TOTAL", "ACTIVE", "SIZE", "RECLAIMABLE"],
            [
                ["Images", $"{usage.Images.Images.Count}", $"{used}", Quantity.Bytes(usage.Images.Total), Part(usage.Images.Reclaimable, usage.Images.Total)],
                ["Containers", $"{usage.Containers.Count}", $"{usage.Containers.Count(static one => one.Running)}", Quantity.Bytes(all), Part(stopped, all)],
            ]);
    }

    private static string Whole(SystemUsage usage)
    {
        List<string[]> images = [.. usage.Images.Images.Select(one => (string[])[
            one.Image.Name is { } name ? ImageStore.Familiar(name) : "<none>", one.Image.ShortId, Quantity.Bytes(one.Size), Quantity.Bytes(one.Shared), Quantity.Bytes(one.Unique),
            $"{usage.Containers.Count(container => container.ImageId == one.Image.Id.ToString())}"])];
        List<string[]> containers = [.. usage.Containers.Select(static one => (string[])[one.ShortId, one.Image, Quantity.Bytes(one.Size), one.Running ? "running" : "stopped", one.Name])];
        return "Images space usage:\n\n" + Table.Of(["IMAGE", "IMAGE ID", "SIZE", "SHARED SIZE", "UNIQUE SIZE", "CONTAINERS"], images)
            + "\nContainers space usage:\n\n" + Table.Of(["CONTAINER ID", "IMAGE", "SIZE", "STATUS", "NAMES"], containers);
    }

    private static string Part(long part, long whole) => whole == 0 ? Quantity.Bytes(part) : $"{Quantity.Bytes(part)} ({100 * part / whole}%)";
}
