using System.CommandLine;
using Sampan.Command.CommandLine;
using Sampan.Engine;
using Sampan.Images;
using Sampan.Oci;
using Sampan.Registry;

namespace Sampan.Command.Commands.Images;

/// <summary><c>sampan images</c>.</summary>
internal static class ImagesCommand
{
    private const string None = "<none>";

    public static System.CommandLine.Command Create(string name = "images")
    {
        var quiet = new Option<bool>("--quiet", "-q") { Description = "ids alone" };
        var whole = new Option<bool>("--no-trunc") { Description = "do not shorten" };
        var digests = new Option<bool>("--digests") { Description = "show what registries have under the names" };
        var all = new Option<bool>("--all", "-a") { Description = "accepted for Docker's sake: there are no images in between" };
        var filters = new Option<string[]>("--filter", "-f") { Description = "dangling=true|false, reference=PATTERN, label=KEY[=VALUE], before=IMAGE, since=IMAGE", HelpName = "FILTER" };
        var repository = new Argument<string?>("REPOSITORY[:TAG]") { Arity = ArgumentArity.ZeroOrOne };
        var command = new System.CommandLine.Command(name, "List images") { quiet, whole, digests, all, filters, repository };
        command.SetAction(parsed =>
        {
            using ContainerEngine engine = GlobalOptions.Engine(parsed);
            ImageFilter filter = ImageFilter.Parse(engine.Images, parsed.GetValue(filters) ?? [], parsed.GetValue(repository));
            List<ImageEntry> images = [.. engine.Images.List().Where(filter.Matches).OrderByDescending(static one => one.Created).ThenBy(static one => one.Name, StringComparer.Ordinal)];
            bool isWhole = parsed.GetValue(whole);
            Output.Write(parsed.GetValue(quiet)
                ? string.Concat(images.Select(one => Id(one, isWhole) + "\n").Distinct())
                : Text(images, isWhole, parsed.GetValue(digests)));
            return 0;
        });
        return command;
    }

    private static string Text(List<ImageEntry> images, bool whole, bool digests)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        var rows = new List<string[]>();
        foreach (ImageEntry image in images)
        {
            (string repository, string tag) = NameOf(image);
            string created = image.Created == DateTimeOffset.UnixEpoch ? "N/A" : $"{Duration.Describe(now - image.Created)} ago";
            string size = Quantity.Bytes(image.Size);
            rows.Add(digests
                ? [repository, tag, image.Origin?.ToString() ?? None, Id(image, whole), created, size]
                : [repository, tag, Id(image, whole), created, size]);
        }
        return Table.Of(digests ? ["REPOSITORY", "TAG", "DIGEST", "IMAGE ID", "CREATED", "SIZE"] : ["REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE"], rows);
    }

    private static string Id(ImageEntry image, bool whole) => whole ? image.Id.ToString() : image.ShortId;

    private static (string Repository, string Tag) NameOf(ImageEntry image)
    {
        if (image.Name is null)
            return (None, None);
        if (!ImageReference.TryParse(image.Name, out ImageReference? name))
            return (Printable.Escape(image.Name), None);
        return (name.FamiliarName, name.Tag ?? None);
    }
}
