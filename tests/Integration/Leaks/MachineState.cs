using System.Diagnostics;
using System.Globalization;
using System.Text;
using Sampan.Kernel;

namespace Sampan.Tests.Integration.Leaks;

/// <summary>
/// What a leak would be seen in. Other programs work on the machine at the same time, so whatever can be told apart is looked for by the test's own word;
/// only the kernel's count of namespaces is compared as numbers, with room for what others do.
/// </summary>
internal static class MachineState
{
    private static readonly string[] s_files = ["cmdline", "environ", "cgroup"];
    private static readonly string[] s_slabs = ["net_namespace", "pid_namespace", "uts_namespace", "nsproxy", "mnt_cache"];

    /// <summary>Mounts of this process's namespace that mention the word.</summary>
    public static List<string> Mounts(string word) =>
        [.. File.ReadLines("/proc/self/mountinfo").Where(l => l.Contains(word, StringComparison.Ordinal))];

    /// <summary>Directories of any mounted cgroup hierarchy whose name begins with the word.</summary>
    public static List<string> Cgroups(string word)
    {
        List<string> found = [];
        foreach (string line in File.ReadLines("/proc/self/mountinfo"))
        {
            string[] halves = line.Split(" - ");
            if (halves[1].StartsWith("cgroup", StringComparison.Ordinal))
                found.AddRange(Below(halves[0].Split(' ')[4], word, depth: 3));
        }
        return [.. found.Distinct()];
    }

    /// <summary>
    /// Processes whose command line, environment or cgroup mentions the word, as pid and command. What has ended and only waits for the machine's init to
    /// take note (a detached container has no other parent) is not counted; our own such children are, by <see cref="Zombies"/>.
    /// </summary>
    public static List<string> Processes(string word)
    {
        List<string> found = [];
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out int pid) || pid == Environment.ProcessId)
                continue;
            if (IsZombie(pid))
                continue;
            if (s_files.Any(f => Read($"{directory}/{f}").Contains(word, StringComparison.Ordinal)))
                found.Add($"{pid} {Read($"{directory}/comm").TrimEnd()}");
        }
        return found;
    }

    /// <summary>Zombies whose parent is this process.</summary>
    public static int Zombies() => Directory.EnumerateDirectories("/proc/self/task")
        .SelectMany(t => Read($"{t}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Count(pid => IsZombie(int.Parse(pid, CultureInfo.InvariantCulture)));

    /// <summary>This process's descriptors and what they are.</summary>
    public static List<string> Descriptors()
    {
        List<string> found = [];
        foreach (string path in Directory.EnumerateFileSystemEntries("/proc/self/fd"))
        {
            string? target = new FileInfo(path).LinkTarget;
            if (target is not null && !target.EndsWith("/fd", StringComparison.Ordinal))
                found.Add($"{Path.GetFileName(path)} {target}");
        }
        return found;
    }

    /// <summary>
    /// How many of its namespace objects the kernel holds, pinned by whatever: a process, a mount, a descriptor, or nothing any more. Empty where
    /// the machine does not show its slabs.
    /// </summary>
    public static Dictionary<string, long> NamespaceObjects()
    {
        Dictionary<string, long> found = [];
        foreach (string line in Read("/proc/slabinfo").Split('\n'))
        {
            string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length > 2 && s_slabs.Contains(fields[0]))
                found[fields[0]] = long.Parse(fields[1], CultureInfo.InvariantCulture);
        }
        return found;
    }

    /// <summary>
    /// The namespaces of so many containers are gone. The kernel takes them down behind our back, and others make some meanwhile: a leak is one for each
    /// container, which has one namespace of a kind and about twenty mounts.
    /// </summary>
    public static void AssertNamespacesGone(Dictionary<string, long> before, int containers)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            Dictionary<string, long> after = NamespaceObjects();
            string grown = string.Join(", ", before.Where(one => after.GetValueOrDefault(one.Key) - one.Value > (one.Key == "mnt_cache" ? containers * 5 : containers / 2))
                .Select(one => $"{one.Key} {one.Value} → {after[one.Key]}"));
            if (grown.Length == 0)
                return;
            Assert.True(waited.Elapsed < TimeSpan.FromSeconds(20), $"{containers} containers left namespaces in the kernel: {grown}");
            _ = Syscalls.Poll([], 200);
        }
    }

    private static bool IsZombie(int pid) => Read($"/proc/{pid}/stat").Split(") ").Last().StartsWith('Z');

    private static IEnumerable<string> Below(string directory, string word, int depth)
    {
        string[] children;
        try
        {
            children = Directory.GetDirectories(directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            yield break;
        }
        foreach (string child in children)
        {
            if (Path.GetFileName(child).StartsWith(word, StringComparison.Ordinal))
                yield return child;
            if (depth > 1)
            {
                foreach (string found in Below(child, word, depth - 1))
                    yield return found;
            }
        }
    }

    private static string Read(string path)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
