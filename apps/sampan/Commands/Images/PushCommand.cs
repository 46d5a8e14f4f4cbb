using System.CommandLine;
using Sampan.Command.CommandLine;
using Sampan.Engine;
using Sampan.Images;
using Sampan.Oci;
using Sampan.Registry;

namespace Sampan.Command.Commands.Images;

/// <summary><c>sampan push</c>.</summary>
internal static class PushCommand
{
    private static readonly Option<bool> s_allTags = new("--all-tags", "-a") { Description = "every tag that the repository has here" };
    private static readonly Option<bool> s_quiet = new("--quiet", "-q") { Description = "print nothing but the end" };
    private static readonly Argument<string> s_image = new("NAME[:TAG]");
    private static readonly Argument<string?> s_destination = new("DESTINATION") { Arity = ArgumentArity.ZeroOrOne };

    public static System.CommandLine.Command Create()
    {
        var command = new System.CommandLine.Command("push", "Send an image to a registry, under its own name or another") { s_allTags, s_quiet, s_image, s_destination };
        command.SetAction(static parsed => Interrupt.Run(token => RunAsync(parsed, token)));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using ContainerEngine engine = GlobalOptions.Engine(parsed);
        string text = parsed.GetValue(s_image)!;
        string? destination = parsed.GetValue(s_destination);
        bool quiet = parsed.GetValue(s_quiet);
        if (parsed.GetValue(s_allTags))
        {
            if (destination is not null)
                throw new CommandLineException("--all-tags pushes each tag to its own name; leave DESTINATION out");
            string repository = ImageReference.Parse(text).Name;
            List<ImageEntry> images = [.. engine.Images.List().Where(one => one.Name is { } name && ImageReference.TryParse(name, out ImageReference? its) && its.Name == repository && its.Tag is not null)];
            foreach (ImageEntry image in images)
                await PushAsync(engine, image, ImageReference.Parse(image.Name!), quiet, cancellationToken).ConfigureAwait(false);
            return images.Count > 0 ? 0 : throw new RegistryException(RegistryErrorKind.NotFound, $"there is no image of the repository {repository} here; \"sampan images\" lists what there is");
        }
        ImageEntry found = engine.Images.Find(text);
        string target = destination ?? found.Name ?? throw new CommandLineException($"the image {found.ShortId} has no name; say where to push it: sampan push {found.ShortId} HOST/NAME:TAG");
        await PushAsync(engine, found, ImageReference.Parse(target), quiet, cancellationToken).ConfigureAwait(false);
        return 0;
    }

    private static async Task PushAsync(ContainerEngine engine, ImageEntry image, ImageReference destination, bool quiet, CancellationToken cancellationToken)
    {
        if (!quiet)
            Output.Line($"The push refers to repository [{destination.Name}]");
        Descriptor sent;
        using (TransferReport? report = TransferReport.To(Output.Out, quiet, isPush: true))
            sent = await new ImagePush(engine.Registries, engine.Images).RunAsync(image, destination, report, cancellationToken).ConfigureAwait(false);
        Output.Line(quiet ? destination.ToString() : $"{destination.Target}: digest: {sent.Digest} size: {sent.Size}");
    }
}
