using System.Text.RegularExpressions;

namespace Sampan.Tests.Architecture;

/// <summary>The documents lead somewhere.</summary>
public sealed partial class DocumentTests
{
    public static TheoryData<string> Documents() => [.. Repository.Files.Where(f => f.EndsWith(".md", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_relative_link_leads_to_a_file(string file)
    {
        string folder = Path.GetDirectoryName(Path.Combine(Repository.Root, file))!;
        string[] targets = [.. Link().Matches(Repository.Read(file)).Select(m => m.Groups[1].Value).Where(t => !t.Contains("://", StringComparison.Ordinal))];
        Offenders.None(targets.Where(t => !Path.Exists(Path.Combine(folder, t))));
    }

    [Fact]
    public void Every_decision_is_in_the_index_and_has_its_own_number()
    {
        string index = Repository.Read("docs/decisions/README.md");
        string[] pages = [.. Repository.Files.Where(f => f.StartsWith("docs/decisions/0", StringComparison.Ordinal)).Select(f => Path.GetFileName(f))];
        Assert.NotEmpty(pages);
        Offenders.None(pages.Where(p => !index.Contains($"({p})", StringComparison.Ordinal)));
        Assert.Equal(pages.Length, pages.Select(p => p[..4]).Distinct().Count());
    }

    /// <summary>A comment that sends its reader to a page must not send him nowhere.</summary>
    [Fact]
    public void Every_page_that_a_source_cites_exists()
    {
        IEnumerable<string> cited = Repository.Files.Where(f => f != "tests/Architecture/DocumentTests.cs" && SourceFile().IsMatch(f))
            .SelectMany(f => Page().Matches(Repository.Read(f)).Select(m => m.Value)).Distinct();
        Offenders.None(cited.Where(p => !File.Exists(Path.Combine(Repository.Root, p))));
    }

    [GeneratedRegex(@"\]\(([^)#\s]+)[^)]*\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"\.(cs|sh|props|csproj|targets)$")]
    private static partial Regex SourceFile();

    [GeneratedRegex(@"\bdocs/[\w./-]+\.md\b")]
    private static partial Regex Page();
}
