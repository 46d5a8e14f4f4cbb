using System.Diagnostics;
using System.Xml.Linq;

namespace Sampan.Tests.Architecture;

/// <summary>The work tree that the tests were built from, as git and the file system tell it.</summary>
internal static class Repository
{
    /// <summary>The directory that holds Sampan.slnx.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>
    /// Every file that is tracked, or would be after <c>git add</c> (so that a rule holds before a commit too), relative to the root.
    /// </summary>
    public static IReadOnlyList<string> Files { get; } = ListFiles();

    /// <summary>The names of the folders of src/, each one project of the same name.</summary>
    public static IReadOnlyList<string> Libraries { get; } =
        [.. Directory.GetDirectories(Path.Combine(Root, "src")).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal)];

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    public static IEnumerable<string> CSharp(params string[] folders) =>
        Files.Where(f => f.EndsWith(".cs", StringComparison.Ordinal) && folders.Any(d => f.StartsWith(d + "/", StringComparison.Ordinal)));

    public static XDocument Project(string file) => XDocument.Load(Path.Combine(Root, file));

    /// <summary>The names of the projects that a project file references, without folder and ending.</summary>
    public static IReadOnlyList<string> ProjectReferences(string file) =>
        [.. Project(file).Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value))];

    /// <summary>The compiled library, as it lies beside this test assembly.</summary>
    public static string Assembly(string library) =>
        Path.Combine(Path.GetDirectoryName(System.Reflection.Assembly.GetExecutingAssembly().Location)!, library + ".dll");

    private static string FindRoot()
    {
        string? directory = AppContext.BaseDirectory;
        while (directory is not null && !File.Exists(Path.Combine(directory, "Sampan.slnx")))
            directory = Path.GetDirectoryName(directory.TrimEnd('/'));
        return directory ?? throw new InvalidOperationException($"no Sampan.slnx above {AppContext.BaseDirectory}");
    }

    private static List<string> ListFiles()
    {
        // A clone that belongs to another user than the one who tests it is still this repository.
        ProcessStartInfo start = new("git", ["-c", "safe.directory=*", "-C", Root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        {
            RedirectStandardOutput = true,
        };
        using Process git = Process.Start(start)!;
        string output = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        if (git.ExitCode != 0)
            throw new InvalidOperationException($"git ls-files ended with {git.ExitCode}");
        return [.. output.Split('\0', StringSplitOptions.RemoveEmptyEntries).Where(f => File.Exists(Path.Combine(Root, f)))];
    }
}
