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

    /// <summary>The members are taken from the code that writes them, so that a new one without a row on the page fails here.</summary>
    [Theory]
    [InlineData("Config")]
    [InlineData("Linux")]
    [InlineData("Process")]
    [InlineData("Resources")]
    [InlineData("Seccomp")]
    public void Every_member_of_the_runtime_specification_is_on_its_page(string folder)
    {
        HashSet<string> named = [.. Code().Matches(Repository.Read("docs/runtime-spec.md")).SelectMany(m => Name().Matches(m.Value).Select(n => n.Value))];
        string[] members =
        [
            .. Repository.CSharp("src/Sampan.Oci/" + folder).SelectMany(f => Member().Matches(Repository.Read(f)).Select(m => m.Groups[1].Value)).Distinct(),
        ];
        Assert.NotEmpty(members);
        Offenders.None(members.Where(m => !named.Contains(m)));
    }

    [GeneratedRegex("`[^`]+`")]
    private static partial Regex Code();

    [GeneratedRegex(@"\w+")]
    private static partial Regex Name();

    [GeneratedRegex(@"writer\.\w+\(""(\w+)""u8")]
    private static partial Regex Member();

    [GeneratedRegex(@"\]\(([^)#\s]+)[^)]*\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"\.(cs|sh|props|csproj|targets)$")]
    private static partial Regex SourceFile();

    [GeneratedRegex(@"\bdocs/[\w./-]+\.md\b")]
    private static partial Regex Page();
}
