using Sampan.Oci;
using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace Sampan.Engine.Settings;

/// <summary>A TOML document as a list of keys with their values: tables, dotted keys and inline tables are three ways to write one thing.</summary>
internal static class SettingsDocument
{
    /// <summary>Reads the document.</summary>
    /// <exception cref="EngineException">It is not TOML.</exception>
    public static IReadOnlyList<Setting> Parse(string text, string file)
    {
        DocumentSyntax document = SyntaxParser.Parse(text, file, validate: true);
        foreach (DiagnosticMessage problem in document.Diagnostics)
            throw new EngineException(ErrorKind.InvalidArgument, $"{file}:{problem.Span.Start.Line + 1}: {Printable.Excerpt(problem.Message, 200)}: mend the file, which is TOML");
        var settings = new List<Setting>();
        Add(settings, file, [], document.KeyValues);
        foreach (TableSyntaxBase table in document.Tables)
        {
            string[] path = Path(table.Name!);
            if (table is TableArraySyntax)
                throw new EngineException(ErrorKind.InvalidArgument, $"{file}:{table.Span.Start.Line + 1}: [[{Setting.Join(path)}]] is a list of tables, of which there is none in the settings; write [{Setting.Join(path)}]");
            Add(settings, file, path, table.Items);
        }
        return settings;
    }

    private static void Add(List<Setting> settings, string file, string[] prefix, IEnumerable<KeyValueSyntax> items)
    {
        foreach (KeyValueSyntax item in items)
        {
            string[] path = [.. prefix, .. Path(item.Key!)];
            if (item.Value is InlineTableSyntax table)
                Add(settings, file, path, table.Items.Select(static one => one.KeyValue!));
            else
                settings.Add(new Setting(path, item.Value!, file, item.Span.Start.Line + 1));
        }
    }

    private static string[] Path(KeySyntax key) => [Name(key.Key!), .. key.DotKeys.Select(static dotted => Name(dotted.Key!))];

    private static string Name(BareKeyOrStringValueSyntax key) => key switch
    {
        BareKeySyntax bare => bare.Key!.Text!,
        StringValueSyntax quoted => quoted.Value!,
        _ => key.ToString(),
    };
}
