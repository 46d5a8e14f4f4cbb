using System.Text.RegularExpressions;

namespace Sampan.Tests.Architecture;

/// <summary>docs/kernel-features.md promises a test and a place for each feature: they must be there.</summary>
public sealed partial class KernelFeatureTests
{
    private static readonly string s_page = Repository.Read("docs/kernel-features.md");

    [Fact]
    public void Every_source_file_that_the_page_names_exists()
    {
        string[] files = [.. SourcePath().Matches(s_page).Select(m => m.Groups[1].Value)];
        Assert.NotEmpty(files);
        Offenders.None(files.Where(f => !File.Exists(Path.Combine(Repository.Root, f))));
    }

    [Fact]
    public void Every_test_that_the_page_names_exists()
    {
        string[] sources = [.. Repository.CSharp("tests/Unit", "tests/Integration").Select(Repository.Read)];
        (string Class, string Method)[] tests = [.. TestName().Matches(s_page).Select(m => (m.Groups[1].Value, m.Groups[2].Value))];
        Assert.True(tests.Length > 20, "the page names fewer tests than it has features");
        Offenders.None(tests.Where(t => !sources.Any(s =>
            Regex.IsMatch(s, $@"\bclass {t.Class}\b") && (t.Method.Length == 0 || Regex.IsMatch(s, $@"\bvoid {t.Method}\("))))
            .Select(t => $"{t.Class}.{t.Method}"));
    }

    [GeneratedRegex(@"`((?:src|tests|apps)/[\w./-]+\.cs)`")]
    private static partial Regex SourcePath();

    [GeneratedRegex(@"`(\w+Tests|LifeCycle|Limits|Devices)(?:\.(\w+))?`")]
    private static partial Regex TestName();
}
