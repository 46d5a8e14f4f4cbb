using System.IO.Enumeration;
using Sampan.Command.CommandLine;
using Sampan.Images;
using Sampan.Oci;
using Sampan.Registry;
using Sampan.Storage;

namespace Sampan.Command.Commands.Images;

/// <summary>Which images a list shows or a prune takes: Docker's filters, of which those of one key are alternatives and those of several keys all hold.</summary>
internal sealed class ImageFilter
{
    private readonly List<Func<ImageEntry, bool>> _conditions = [];

    /// <summary>Reads the filters.</summary>
    /// <exception cref="CommandLineException">One is not known.</exception>
    /// <exception cref="StorageException">One names an image that is not there.</exception>
    public static ImageFilter Parse(ImageStore store, IReadOnlyList<string> filters, string? repository = null)
    {
        var result = new ImageFilter();
        if (repository is not null)
            result._conditions.Add(image => HasName(image, repository));
        foreach (IGrouping<string, (string Key, string Value)> group in filters.Select(Split).GroupBy(static one => one.Key))
        {
            List<Func<ImageEntry, bool>> choices = [.. group.Select(one => Condition(store, one.Key, one.Value))];
            // A label more is a condition more; of other keys any will do.
            result._conditions.Add(group.Key is "label" or "label!" ? image => choices.TrueForAll(choice => choice(image)) : image => choices.Exists(choice => choice(image)));
        }
        return result;
    }

    /// <summary>Whether all conditions hold.</summary>
    public bool Matches(ImageEntry image) => _conditions.TrueForAll(condition => condition(image));

    private static (string Key, string Value) Split(string filter)
    {
        int equals = filter.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 ? (filter[..equals], filter[(equals + 1)..]) : throw new CommandLineException($"--filter \"{Printable.Escape(filter)}\" is not KEY=VALUE");
    }

    private static Func<ImageEntry, bool> Condition(ImageStore store, string key, string value)
    {
        switch (key)
        {
            case "dangling":
                bool dangling = value is "true" or "1" || (value is "false" or "0" ? false : throw new CommandLineException($"--filter dangling={Printable.Escape(value)}: write true or false"));
                return image => image.Name is null == dangling;
            case "reference":
                return image => HasName(image, value);
            case "label" or "label!":
                int equals = value.IndexOf('=', StringComparison.Ordinal);
                string name = equals < 0 ? value : value[..equals];
                string? wanted = equals < 0 ? null : value[(equals + 1)..];
                return image => HasLabel(store, image, name, wanted) == (key == "label");
            case "before":
                DateTimeOffset before = store.Find(value).Created;
                return image => image.Created < before;
            case "since":
                DateTimeOffset since = store.Find(value).Created;
                return image => image.Created > since;
            case "until":
                DateTimeOffset until = Moment(value);
                return image => image.Created < until;
            default:
                throw new CommandLineException($"there is no filter \"{Printable.Escape(key)}\" for images; there are dangling, reference, label, before, since, until");
        }
    }

    private static bool HasLabel(ImageStore store, ImageEntry image, string name, string? wanted)
    {
        try
        {
            return store.Read(image).Config.Config?.Labels?.TryGetValue(name, out string? value) == true && (wanted is null || value == wanted);
        }
        catch (StorageException)
        {
            return false; // one damaged image must not hide the others
        }
    }

    /// <summary>Whether a pattern (with <c>*</c> and <c>?</c>) fits a name as people write it: with or without the tag, the whole or its last parts.</summary>
    private static bool HasName(ImageEntry image, string pattern)
    {
        if (!ImageReference.TryParse(image.Name, out ImageReference? name))
            return false;
        string[] forms = [name.FamiliarName, name.Familiar, name.Name, name.ToString()];
        return Array.Exists(forms, form => FileSystemName.MatchesSimpleExpression(pattern, form, ignoreCase: false));
    }

    private static DateTimeOffset Moment(string text) =>
        Duration.TryParse(text, out TimeSpan ago) ? TimeProvider.System.GetUtcNow() - ago
        : DateTimeOffset.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeLocal, out DateTimeOffset moment) ? moment
        : throw new CommandLineException($"--filter until={Printable.Escape(text)}: write a time as 2026-01-31T12:00:00 or how long ago as 24h");
}
