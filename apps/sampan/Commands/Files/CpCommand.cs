using System.CommandLine;
using Microsoft.Win32.SafeHandles;
using Sampan.Command.CommandLine;
using Sampan.Engine;
using Sampan.Oci;

namespace Sampan.Command.Commands.Files;

/// <summary><c>sampan cp</c>.</summary>
internal static class CpCommand
{
    public static System.CommandLine.Command Create()
    {
        var archive = new Option<bool>("--archive", "-a") { Description = "owners, groups and set-id bits go along" };
        var follow = new Option<bool>("--follow-link", "-L") { Description = "copy what a link named as the source leads to" };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "accepted for Docker's sake: there is no progress to be quiet about" };
        var source = new Argument<string>("[CONTAINER:]SOURCE|-");
        var target = new Argument<string>("[CONTAINER:]TARGET|-");
        var command = new System.CommandLine.Command("cp", "Copy files between a container and the host") { archive, follow, quiet, source, target };
        command.SetAction(parsed =>
        {
            using ContainerEngine engine = GlobalOptions.Engine(parsed);
            CopyEnd from = Parse(engine, parsed.GetValue(source)!), to = Parse(engine, parsed.GetValue(target)!);
            if (from.Container is null && to.Container is null)
                throw new CommandLineException("neither side names a container; write CONTAINER:PATH for one of them");
            if (from is { Container: null, Path: "-" })
            {
                using var input = new FileStream(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read, bufferSize: 0);
                engine.CopyIn(input, to);
            }
            else if (to is { Container: null, Path: "-" })
            {
                OutputFile.Write(null, stream =>
                {
                    using var buffered = new BufferedStream(stream, 256 * 1024);
                    ContainerEngine.CopyOut(from, parsed.GetValue(follow), buffered);
                });
            }
            else
            {
                ContainerEngine.Copy(from, to, parsed.GetValue(follow), parsed.GetValue(archive));
            }
            return 0;
        });
        return command;
    }

    /// <summary>What stands before the first colon is a container, unless the word begins as a path, as in Docker.</summary>
    private static CopyEnd Parse(ContainerEngine engine, string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || text[0] is '/' or '.')
            return new CopyEnd(null, text);
        string path = text[(colon + 1)..];
        return path.Length > 0 ? new CopyEnd(engine.Store.Find(text[..colon]), path) : throw new CommandLineException($"\"{Printable.Escape(text)}\" names no path; write CONTAINER:PATH");
    }
}
