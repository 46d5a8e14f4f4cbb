namespace Sampan.Tests.Architecture;

/// <summary>The settings that the promises on speed, size and AOT rest on.</summary>
public sealed class ProjectTests
{
    public static TheoryData<string> Applications() =>
        [.. Repository.Files.Where(f => f.StartsWith("apps/", StringComparison.Ordinal) && f.EndsWith(".csproj", StringComparison.Ordinal))];

    public static TheoryData<string> TestProjects() =>
        [.. Repository.Files.Where(f => f.StartsWith("tests/", StringComparison.Ordinal) && f.EndsWith(".csproj", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Applications))]
    public void An_application_takes_the_shared_AOT_settings(string file) =>
        Assert.Contains(Repository.Project(file).Descendants("Import"), i => i.Attribute("Project")?.Value == "../Aot.props");

    [Theory]
    [InlineData("PublishAot", "true")]
    [InlineData("IlcTreatWarningsAsErrors", "true")]
    [InlineData("UseSystemResourceKeys", "true")]
    [InlineData("EventSourceSupport", "false")]
    [InlineData("StackTraceSupport", "false")]
    [InlineData("ConcurrentGarbageCollection", "false")]
    public void The_AOT_settings_are_the_measured_ones(string name, string value) =>
        Assert.Equal(value, Repository.Project("apps/Aot.props").Descendants(name).Single().Value);

    [Theory]
    [InlineData("TreatWarningsAsErrors", "true")]
    [InlineData("Nullable", "enable")]
    [InlineData("GenerateDocumentationFile", "true")]
    [InlineData("IsAotCompatible", "true")]
    [InlineData("AllowUnsafeBlocks", "false")]
    public void Every_project_is_built_by_the_same_rules(string name, string value) =>
        Assert.Equal(value, Repository.Project("Directory.Build.props").Descendants(name).Single().Value);

    [Fact]
    public void Unsafe_blocks_are_allowed_in_the_kernel_project_alone()
    {
        string[] allowing =
        [
            .. Repository.Files.Where(f => f.EndsWith(".csproj", StringComparison.Ordinal)
                && Repository.Project(f).Descendants("AllowUnsafeBlocks").Any(a => a.Value == "true")),
        ];
        Assert.Equal(["src/Sampan.Kernel/Sampan.Kernel.csproj"], allowing.Where(f => !f.StartsWith("tests/", StringComparison.Ordinal)));
    }

    /// <summary>test.sh runs the projects it names; one that it does not name would never run.</summary>
    [Theory]
    [MemberData(nameof(TestProjects))]
    public void Every_test_project_is_run_by_the_test_script(string file)
    {
        string name = Path.GetFileNameWithoutExtension(file);
        string line = Repository.Read("test.sh").Split('\n').Single(l => l.Contains("projects=(Architecture", StringComparison.Ordinal));
        Assert.Contains($" {name} ", line.Replace('(', ' ').Replace(')', ' '));
    }

    [Fact]
    public void The_solution_holds_every_project()
    {
        string solution = Repository.Read("Sampan.slnx");
        Offenders.None(Repository.Files.Where(f => f.EndsWith(".csproj", StringComparison.Ordinal) && !solution.Contains($"\"{f}\"", StringComparison.Ordinal)));
    }
}
