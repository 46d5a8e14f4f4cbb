using System.CommandLine;
using Sampan.Command.CommandLine;
using Sampan.Engine;
using Sampan.Images;
using Sampan.Oci;

namespace Sampan.Command.Commands.Images;

/// <summary><c>sampan history</c>.</summary>
internal static class HistoryCommand
{
    private const int CommandWidth = 45;

    public static System.CommandLine.Command Create()
    {
        var quiet = new Option<bool>("--quiet", "-q") { Description = "ids alone" };
        var whole = new Option<bool>("--no-trunc") { Description = "do not shorten" };
        var human = new Option<bool>("--human", "-H") { Description = "sizes and times for people (true)", DefaultValueFactory = static _ => true };
        var image = new Argument<string>("IMAGE");
        var command = new System.CommandLine.Command("history", "Show how an image came to be") { quiet, whole, human, image };
        command.SetAction(parsed =>
        {
            using ContainerEngine engine = GlobalOptions.Engine(parsed);
            ImageEntry entry = engine.Images.Find(parsed.GetValue(image)!);
            IReadOnlyList<HistoryStep> steps = engine.Images.History(entry);
            string id = parsed.GetValue(whole) ? entry.Id.ToString() : entry.ShortId;
            Output.Write(parsed.GetValue(quiet)
                ? string.Concat(steps.Select((_, index) => (index == 0 ? id : "<missing>") + "\n"))
                : Text(steps, id, parsed.GetValue(whole), parsed.GetValue(human)));
            return 0;
        });
        return command;
    }

    private static string Text(IReadOnlyList<HistoryStep> steps, string id, bool whole, bool human)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        List<string[]> rows = [.. steps.Select((step, index) => (string[])
        [
            index == 0 ? id : "<missing>",
            Time(step.Created, now, human),
            Shortened(Printable.Escape(step.CreatedBy.Replace('\n', ' ').Replace('\t', ' ')), whole),
            human ? Quantity.Bytes(step.Size) : step.Size.ToString(System.Globalization.CultureInfo.InvariantCulture),
            Printable.Escape(step.Comment.Replace('\n', ' ')),
        ])];
        return Table.Of(["IMAGE", human ? "CREATED" : "CREATED AT", "CREATED BY", "SIZE", "COMMENT"], rows);
    }

    private static string Time(DateTimeOffset created, DateTimeOffset now, bool human) => created == DateTimeOffset.UnixEpoch ? "N/A"
        : human ? $"{Duration.Describe(now - created)} ago"
        : created.ToString("yyyy-MM-dd'T'HH:mm:sszzz", System.Globalization.CultureInfo.InvariantCulture);

    private static string Shortened(string text, bool whole) => whole || text.Length <= CommandWidth ? text : text[..(CommandWidth - 1)] + "…";
}
