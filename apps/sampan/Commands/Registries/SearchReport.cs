using System.Text;
using System.Text.Json;
using Sampan.Oci;
using Sampan.Registry;

namespace Sampan.Command.Commands.Registries;

/// <summary>What a search prints: a table as Docker's, or JSON with the members of Podman's.</summary>
internal static class SearchReport
{
    // As Docker shortens them.
    private const int ShortDescription = 45;

    /// <summary>Repositories.</summary>
    public static string Results(IReadOnlyList<SearchResult> results, bool whole, bool isJson)
    {
        if (!isJson)
            return Table.Of(["NAME", "DESCRIPTION", "STARS", "OFFICIAL"], [.. results.Select(one => new[] { Name(one), Description(one, whole), $"{one.Stars}", one.Official ? "[OK]" : "" })]);
        return Json(json =>
        {
            json.WriteStartArray();
            foreach (SearchResult one in results)
            {
                json.WriteStartObject();
                json.WriteString("Name", one.Name);
                json.WriteString("Description", one.Description);
                json.WriteNumber("Stars", one.Stars);
                json.WriteBoolean("Official", one.Official);
                json.WriteBoolean("Automated", one.Automated);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        });
    }

    /// <summary>The tags of a repository.</summary>
    public static string Tags(string repository, IReadOnlyList<string> tags, bool isJson)
    {
        if (!isJson)
            return Table.Of(["NAME", "TAG"], [.. tags.Select(tag => new[] { repository, Printable.Excerpt(tag, 128) })]);
        return Json(json =>
        {
            json.WriteStartArray();
            json.WriteStartObject();
            json.WriteString("Name", repository);
            json.WriteStartArray("Tags");
            foreach (string tag in tags)
                json.WriteStringValue(tag);
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
        });
    }

    private static string Name(SearchResult result)
    {
        const string Hub = ImageReference.DefaultRegistry + "/";
        string name = result.Name.StartsWith(Hub, StringComparison.Ordinal) ? result.Name[Hub.Length..] : result.Name;
        return Printable.Excerpt(name, ImageReference.MaximumNameLength);
    }

    private static string Description(SearchResult result, bool whole)
    {
        string text = string.Join(' ', result.Description.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return Printable.Escape(whole || text.Length <= ShortDescription ? text : text[..(ShortDescription - 1)] + "…");
    }

    private static string Json(Action<Utf8JsonWriter> write)
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text, new JsonWriterOptions { Indented = true, IndentSize = 4 }))
            write(json);
        return Encoding.UTF8.GetString(text.ToArray()) + "\n";
    }
}
