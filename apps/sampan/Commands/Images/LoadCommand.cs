using System.CommandLine;
using Microsoft.Win32.SafeHandles;
using Sampan.Command.CommandLine;
using Sampan.Engine;
using Sampan.Images;
using Sampan.Images.Archives;
using Sampan.Kernel;
using Sampan.Storage;

namespace Sampan.Command.Commands.Images;

/// <summary><c>sampan load</c>.</summary>
internal static class LoadCommand
{
    public static System.CommandLine.Command Create()
    {
        var input = new Option<string?>("--input", "-i") { Description = "read this archive (or OCI layout directory) instead of standard input", HelpName = "FILE" };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "no progress" };
        var command = new System.CommandLine.Command("load", "Get images from an archive or a layout") { input, quiet };
        command.SetAction(parsed => Interrupt.Run(async token =>
        {
            using ContainerEngine engine = GlobalOptions.Engine(parsed);
            HostDirectory.Ensure(engine.Places.Scratch);
            IReadOnlyList<ImageEntry> loaded;
            using (ImageArchive archive = Open(parsed.GetValue(input), engine.Places.Scratch))
            using (TransferReport? report = TransferReport.To(Output.Out, parsed.GetValue(quiet) || !Syscalls.IsTerminal(Output.Out), isLoad: true))
                loaded = await new ImageLoad(engine.Images).RunAsync(archive, report, token).ConfigureAwait(false);
            foreach (ImageEntry image in loaded)
                Output.Line(image.Name is { } name ? $"Loaded image: {ImageStore.Familiar(name)}" : $"Loaded image ID: {image.Id}");
            return 0;
        }));
        return command;
    }

    private static ImageArchive Open(string? path, string scratch)
    {
        if (path is not (null or "-"))
        {
            // By its transport, or as Docker and Podman take it: a file, or a directory that is a layout.
            ImageLocation location = ImageLocation.TryParse(path) ?? new ImageLocation(Directory.Exists(path) ? ImageTransport.OciLayout : ImageTransport.DockerArchive, path, null);
            if (location.Tag is not null)
                throw new CommandLineException("load takes every image of an archive; sampan run takes one by its tag");
            return ImageArchive.Open(location, scratch);
        }
        if (Syscalls.IsTerminal(Output.In))
            throw new CommandLineException("standard input is a terminal; give -i FILE, or redirect it");
        return ImageArchive.OpenPipe(new FileStream(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read, bufferSize: 0), scratch);
    }
}
