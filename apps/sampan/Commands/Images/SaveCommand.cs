using System.CommandLine;
using Sampan.Command.CommandLine;
using Sampan.Engine;
using Sampan.Images;
using Sampan.Oci;
using Sampan.Storage;
using Sampan.Storage.Archives;

namespace Sampan.Command.Commands.Images;

/// <summary><c>sampan save</c>.</summary>
internal static class SaveCommand
{
    public static System.CommandLine.Command Create()
    {
        var output = new Option<string?>("--output", "-o") { Description = "write to this file (or, for oci-dir, directory) instead of standard output", HelpName = "FILE" };
        var format = new Option<string?>("--format") { Description = "docker-archive (the default), oci-archive or oci-dir", HelpName = "FORMAT" };
        var compression = new Option<string?>("--compression") { Description = "compress the archive: none (the default), gzip or zstd", HelpName = "KIND" };
        var images = new Argument<string[]>("IMAGE") { Arity = ArgumentArity.OneOrMore };
        var command = new System.CommandLine.Command("save", "Write images to an archive or a layout") { output, format, compression, images };
        command.SetAction(parsed =>
        {
            using ContainerEngine engine = GlobalOptions.Engine(parsed);
            string kind = parsed.GetValue(format) ?? "docker-archive";
            if (kind is not ("docker-archive" or "oci-archive" or "oci-dir"))
                throw new CommandLineException($"--format \"{Printable.Escape(kind)}\" is none of docker-archive, oci-archive and oci-dir");
            CompressionKind pressed = Compressed(parsed.GetValue(compression));
            HostDirectory.Ensure(engine.Places.Scratch);
            var save = new ImageSave(engine.Images, engine.Places.Scratch);
            IReadOnlyList<SavedImage> selected = save.Select(parsed.GetValue(images)!);
            string? path = parsed.GetValue(output);
            if (kind == "oci-dir")
            {
                if (path is null || pressed != CompressionKind.None)
                    throw new CommandLineException("--format oci-dir writes a directory: name it with -o, without --compression");
                save.ToLayout(selected, path);
                return 0;
            }
            OutputFile.Write(path, stream =>
            {
                using Stream archive = Compression.Open(stream, pressed);
                save.ToArchive(selected, archive, docker: kind == "docker-archive");
            });
            return 0;
        });
        return command;
    }

    private static CompressionKind Compressed(string? text) => text switch
    {
        null or "none" => CompressionKind.None,
        "gzip" => CompressionKind.Gzip,
        "zstd" => CompressionKind.Zstd,
        _ => throw new CommandLineException($"--compression \"{Printable.Escape(text)}\" is none of none, gzip and zstd"),
    };
}
