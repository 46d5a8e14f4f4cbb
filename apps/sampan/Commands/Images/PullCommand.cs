using System.CommandLine;
using Sampan.Command.CommandLine;
using Sampan.Engine;
using Sampan.Images;
using Sampan.Oci;
using Sampan.Registry;

namespace Sampan.Command.Commands.Images;

/// <summary><c>sampan pull</c>.</summary>
internal static class PullCommand
{
    private static readonly Option<bool> s_allTags = new("--all-tags", "-a") { Description = "every tag of the repository" };
    private static readonly Option<bool> s_quiet = new("--quiet", "-q") { Description = "print the image's name alone" };
    private static readonly Option<string?> s_platform = new("--platform") { Description = "OS/ARCHITECTURE[/VARIANT] (this machine's)", HelpName = "PLATFORM" };
    private static readonly Argument<string> s_image = new("NAME[:TAG|@DIGEST]");

    public static System.CommandLine.Command Create()
    {
        var command = new System.CommandLine.Command("pull", "Get an image from a registry") { s_allTags, s_quiet, s_platform, s_image };
        command.SetAction(static parsed => Interrupt.Run(token => RunAsync(parsed, token)));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using ContainerEngine engine = GlobalOptions.Engine(parsed);
        string text = parsed.GetValue(s_image)!;
        bool quiet = parsed.GetValue(s_quiet);
        PlatformChoice? platform = Platform(parsed.GetValue(s_platform));
        if (!parsed.GetValue(s_allTags))
        {
            await PullAsync(engine, text, platform, quiet, cancellationToken).ConfigureAwait(false);
            return 0;
        }
        ImageReference repository = ImageReference.Parse(text);
        if (repository.Digest is not null || repository.ToString() != ImageReference.Parse(repository.Name).ToString())
            throw new CommandLineException("--all-tags takes a repository, without a tag or a digest");
        int count = 0;
        await foreach (string tag in engine.Registries.TagsAsync(repository, cancellationToken).ConfigureAwait(false))
        {
            await PullAsync(engine, repository.WithTag(tag).ToString(), platform, quiet, cancellationToken).ConfigureAwait(false);
            count++;
        }
        return count > 0 ? 0 : throw new RegistryException(RegistryErrorKind.NotFound, $"the repository {repository.Name} has no tags");
    }

    /// <summary>The platform that an option names, or null.</summary>
    public static PlatformChoice? Platform(string? text)
    {
        try
        {
            return text is null ? null : PlatformChoice.Parse(text);
        }
        catch (FormatException wrong)
        {
            throw new CommandLineException($"--platform: {wrong.Message}");
        }
    }

    private static async Task PullAsync(ContainerEngine engine, string text, PlatformChoice? platform, bool quiet, CancellationToken cancellationToken)
    {
        PulledImage pulled;
        using (TransferReport? report = TransferReport.To(Output.Out, quiet))
            pulled = await engine.PullAsync(text, platform, report, cancellationToken).ConfigureAwait(false);
        string name = pulled.Image.Name!;
        if (!quiet)
        {
            Output.Line($"Digest: {pulled.Digest}");
            Output.Line($"Status: {(pulled.IsNew ? "Downloaded newer image for" : "Image is up to date for")} {ImageStore.Familiar(name)}");
        }
        Output.Line(name);
    }
}
