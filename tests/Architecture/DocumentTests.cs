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

    public static TheoryData<string> CommandPages() =>
        [.. Repository.Files.Where(f => f.StartsWith("docs/commands/sampan", StringComparison.Ordinal))];

    /// <summary>Every command has a page, and every page a command. The commands of a group, in files such as ManifestCreateCommand.cs, are on the group's page.</summary>
    [Theory]
    [InlineData("sampan")]
    [InlineData("sampan-runtime")]
    public void Every_command_has_its_page(string program)
    {
        string[] refused = ["checkpoint", "restore"];
        string sources = string.Concat(Repository.CSharp("apps/" + program).Where(f => program != "sampan" || !InGroup().IsMatch(Path.GetFileName(f))).Select(Repository.Read));
        IEnumerable<string> commands = CommandName().Matches(sources).Select(m => string.Concat(m.Groups.Values.Skip(1).Select(g => g.Value))).Distinct().Except(refused);
        IEnumerable<string> pages = Repository.Files.Where(f => f.StartsWith($"docs/commands/{program}/", StringComparison.Ordinal)).Select(f => Path.GetFileNameWithoutExtension(f));
        Assert.Equal(commands.Order(StringComparer.Ordinal), pages.Order(StringComparer.Ordinal));
    }

    /// <summary>Every option that a command's source names is on its page.</summary>
    [Theory]
    [MemberData(nameof(CommandPages))]
    public void Every_option_is_on_its_commands_page(string page)
    {
        string program = page.Split('/')[2], text = Repository.Read(page);
        string command = char.ToUpperInvariant(Path.GetFileName(page)[0]) + Path.GetFileNameWithoutExtension(page)[1..];
        string[] sources = [.. Repository.CSharp($"apps/{program}/Commands").Where(f => IsOf(command, Path.GetFileName(f)))];
        // --init is named in order to be refused.
        IEnumerable<string> options = sources.SelectMany(f => OptionName().Matches(Repository.Read(f)).Select(m => "--" + m.Groups[1].Value + m.Groups[2].Value)).Where(o => o != "--init");
        Offenders.None(options.Where(o => !text.Contains(o, StringComparison.Ordinal)));
    }

    private static bool IsOf(string command, string file) =>
        file == command + "Command.cs" || file == command + "Options.cs" || (InGroup().IsMatch(file) && file.StartsWith(command, StringComparison.Ordinal) && char.IsUpper(file[command.Length]));

    [GeneratedRegex(@"^[A-Z][a-z]+[A-Z]\w*Command\.cs$")]
    private static partial Regex InGroup();

    [GeneratedRegex(@"System\.CommandLine\.Command\(""([a-z]+)""|Create\(string name = ""([a-z]+)""\)|Group\(""([a-z]+)""|^        ""([a-z]+)"" => \w+Command\.", RegexOptions.Multiline)]
    private static partial Regex CommandName();

    [GeneratedRegex(@"(?:new(?:<[^(]*>)?|Flag|Value|List|Option<[^(]*>)\(""--([a-z-]+)""|new\(""([a-z0-9-]+)"", OptionKind")]
    private static partial Regex OptionName();

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
