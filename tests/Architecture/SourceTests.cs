using System.Text.RegularExpressions;

namespace Sampan.Tests.Architecture;

/// <summary>Rules about the text of the sources.</summary>
public sealed partial class SourceTests
{
    private static readonly string[] BannedWords = ["Manager", "Helper", "Helpers", "Util", "Utils", "Utilities", "Common", "Service", "Services"];

    [Fact]
    public void No_source_file_is_longer_than_500_lines() =>
        Offenders.None(Repository.CSharp("src", "apps", "tests", "bench").Where(f => File.ReadLines(Path.Combine(Repository.Root, f)).Count() > 500));

    [Fact]
    public void Unsafe_code_and_native_imports_live_in_the_kernel_project_only()
    {
        Assert.Contains(Repository.CSharp("src"), f => UnsafeCode().IsMatch(WithoutComments(Repository.Read(f))));
        Offenders.None(Repository.CSharp("src", "apps", "bench").Where(f =>
            !f.StartsWith("src/Sampan.Kernel/", StringComparison.Ordinal) && UnsafeCode().IsMatch(WithoutComments(Repository.Read(f)))));
    }

    [Fact]
    public void No_native_import_is_public() =>
        Offenders.None(Repository.CSharp("src").Where(f => PublicImport().IsMatch(Repository.Read(f))));

    [Fact]
    public void A_types_name_says_what_it_is()
    {
        string[] types = [.. Repository.CSharp("src", "apps", "tests", "bench").SelectMany(f => TypeName().Matches(WithoutComments(Repository.Read(f))).Select(m => m.Groups[1].Value))];
        Assert.Contains("SourceTests", types);
        Offenders.None(types.Where(t => Words().Matches(t).Any(w => BannedWords.Contains(w.Value))));
    }

    [Fact]
    public void Nothing_is_left_for_later_in_the_sources() =>
        Offenders.None(Repository.CSharp("src", "apps").Where(f => Unfinished().IsMatch(Repository.Read(f))));

    [Fact]
    public void No_tracked_file_names_a_directory_of_a_developers_machine()
    {
        string[] places = [Repository.Root + "/", "/wor" + "k/wt", "/wor" + "k/main", "/wor" + "k/shared", "/Use" + "rs/"];
        string home = Environment.GetEnvironmentVariable("HOME") ?? "/root";
        if (home.StartsWith("/home/", StringComparison.Ordinal))
            places = [.. places, home];
        string[] files = [.. Repository.Files.Where(IsText)];
        Assert.Contains("README.md", files);
        Offenders.None(files.Where(f => places.Any(p => Repository.Read(f).Contains(p, StringComparison.Ordinal))));
    }

    /// <summary>The compiler asks for a comment on every public member; nothing may talk it out of that, or out of its trim and AOT analysis.</summary>
    [Fact]
    public void No_warning_about_documentation_trimming_or_AOT_is_silenced()
    {
        Offenders.None(Repository.CSharp("src", "apps").Where(f => SilencedInSource().IsMatch(Repository.Read(f))));
        Offenders.None(Repository.Files.Where(f => ProjectFile().IsMatch(f) && SilencedInProject().IsMatch(Repository.Read(f))));
    }

    private static string WithoutComments(string source) => Comment().Replace(source, "");

    private static bool IsText(string file)
    {
        using FileStream stream = File.OpenRead(Path.Combine(Repository.Root, file));
        byte[] start = new byte[4096];
        return !start.AsSpan(0, stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)).Contains((byte)0);
    }

    [GeneratedRegex(@"(?m)^\s*//.*$|(?<=[;{}\s])//\s.*$")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\bunsafe\b(?!"")|\[LibraryImport|\[DllImport|\bUnsafe\.|NativeLibrary\.|Marshal\.(Alloc|GetDelegate|GetFunctionPointer|Read|Write|Copy|PtrTo)")]
    private static partial Regex UnsafeCode();

    [GeneratedRegex(@"\[(LibraryImport|DllImport)[^\]]*\]\s*(\[[^\]]*\]\s*)*(public|internal)")]
    private static partial Regex PublicImport();

    [GeneratedRegex(@"\b(?:class|struct|record|record class|record struct|interface|enum)\s+([A-Z]\w*)")]
    private static partial Regex TypeName();

    [GeneratedRegex("[A-Z][a-z0-9]*")]
    private static partial Regex Words();

    [GeneratedRegex(@"\b(TODO|FIXME|XXX|HACK)\b|NotImplementedException")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"#pragma warning disable[^\n]*(IL\d|CS1591)|UnconditionalSuppressMessage|RequiresUnreferencedCode|RequiresDynamicCode")]
    private static partial Regex SilencedInSource();

    [GeneratedRegex(@"\.(csproj|props|targets)$")]
    private static partial Regex ProjectFile();

    [GeneratedRegex(@"<NoWarn>[^<]*(IL\d|1591)|<(SuppressTrimAnalysisWarnings|IlcTreatWarningsAsErrors|TreatWarningsAsErrors|IsAotCompatible)>(?!false</Suppress)(?!true</(Ilc|Treat|IsAot))", RegexOptions.IgnoreCase)]
    private static partial Regex SilencedInProject();
}
