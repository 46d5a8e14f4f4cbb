using System.CommandLine;
using Microsoft.Win32.SafeHandles;
using Sampan.Command.CommandLine;
using Sampan.Command.Commands.Images;
using Sampan.Engine;
using Sampan.Images;
using Sampan.Kernel;
using Sampan.Oci;

namespace Sampan.Command.Commands.Files;

/// <summary><c>sampan import</c>.</summary>
internal static class ImportCommand
{
    private static readonly Option<string?> s_message = new("--message", "-m") { Description = "a remark in the image's history", HelpName = "TEXT" };
    private static readonly Option<string[]> s_changes = new("--change", "-c") { Description = "an instruction of a Dockerfile, as in commit", HelpName = "INSTRUCTION" };
    private static readonly Option<string?> s_platform = new("--platform") { Description = "OS/ARCHITECTURE[/VARIANT] (this machine's)", HelpName = "PLATFORM" };
    private static readonly Option<bool> s_quiet = new("--quiet", "-q") { Description = "accepted for Podman's sake: there is no progress to be quiet about" };
    private static readonly Argument<string> s_source = new("FILE|URL|-");
    private static readonly Argument<string?> s_name = new("NAME[:TAG]") { Arity = ArgumentArity.ZeroOrOne };

    public static System.CommandLine.Command Create()
    {
        var command = new System.CommandLine.Command("import", "Make an image of the archive of a file system") { s_message, s_changes, s_platform, s_quiet, s_source, s_name };
        command.SetAction(static parsed => Interrupt.Run(token => RunAsync(parsed, token)));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using ContainerEngine engine = GlobalOptions.Engine(parsed);
        string source = parsed.GetValue(s_source)!;
        Platform? platform = PullCommand.Platform(parsed.GetValue(s_platform))?.Wanted;
        ImageMaking making = new(
            parsed.GetValue(s_name) is { } name ? ImageStore.NewName(name, local: true) : null, null, parsed.GetValue(s_message) ?? $"Imported from {source}", "", parsed.GetValue(s_changes) ?? []);
        using HttpClient? web = IsAddress(source) ? new HttpClient() : null;
        using Stream archive = await OpenAsync(source, web, cancellationToken).ConfigureAwait(false);
        Output.Line(new ImageBuild(engine.Images).Import(archive, platform, making, cancellationToken).Id.ToString());
        return 0;
    }

    private static async Task<Stream> OpenAsync(string source, HttpClient? web, CancellationToken cancellationToken)
    {
        if (web is not null)
        {
            try
            {
                return await web.GetStreamAsync(new Uri(source), cancellationToken).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is HttpRequestException or UriFormatException)
            {
                throw new EngineException(ErrorKind.Failed, $"\"{Printable.Excerpt(source, 200)}\" cannot be fetched: {failure.Message}", failure);
            }
        }
        if (source == "-")
        {
            if (Syscalls.IsTerminal(Output.In))
                throw new CommandLineException("standard input is a terminal; name a file, or redirect it");
            return new FileStream(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read, bufferSize: 0);
        }
        if (Directory.Exists(source))
            throw new CommandLineException($"\"{Printable.Escape(source)}\" is a directory; pack it (tar -C DIR -c . | sampan import -), or run it as it is (sampan run --rootfs DIR)");
        return new FileStream(source, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
    }

    private static bool IsAddress(string source) => source.StartsWith("http://", StringComparison.Ordinal) || source.StartsWith("https://", StringComparison.Ordinal);
}
