using Sampan.Command.CommandLine;
using Sampan.Oci;
using Sampan.Registry;

namespace Sampan.Command.Commands.Registries;

/// <summary>Which results of a search are shown: Docker's filters, which all must hold.</summary>
internal sealed class SearchFilter
{
    private int _stars;
    private bool? _official;
    private bool? _automated;

    /// <summary>Whether there is one.</summary>
    public bool IsSet { get; private init; }

    /// <summary>Reads the filters.</summary>
    /// <exception cref="CommandLineException">One is not known.</exception>
    public static SearchFilter Parse(IReadOnlyList<string> filters)
    {
        var result = new SearchFilter { IsSet = filters.Count > 0 };
        foreach (string filter in filters)
        {
            int equals = filter.IndexOf('=', StringComparison.Ordinal);
            (string key, string value) = equals < 0 ? (filter, "true") : (filter[..equals], filter[(equals + 1)..]);
            switch (key)
            {
                case "stars" when int.TryParse(value, System.Globalization.NumberStyles.None, null, out int stars):
                    result._stars = stars;
                    break;
                case "is-official":
                    result._official = Flag(key, value);
                    break;
                case "is-automated":
                    result._automated = Flag(key, value);
                    break;
                case "stars":
                    throw new CommandLineException($"--filter stars={Printable.Escape(value)}: write a number");
                default:
                    throw new CommandLineException($"there is no filter \"{Printable.Escape(key)}\" for a search; there are stars, is-official, is-automated");
            }
        }
        return result;
    }

    /// <summary>Whether all hold.</summary>
    public bool Matches(SearchResult result) => result.Stars >= _stars && (_official ?? result.Official) == result.Official && (_automated ?? result.Automated) == result.Automated;

    private static bool Flag(string key, string value) => value switch
    {
        "true" or "1" => true,
        "false" or "0" => false,
        _ => throw new CommandLineException($"--filter {key}={Printable.Escape(value)}: write true or false"),
    };
}
