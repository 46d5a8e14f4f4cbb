using System.Diagnostics;
using System.Text;

namespace Sampan.Tests.Integration.Engine;

/// <summary>What a command gave.</summary>
internal sealed record CommandResult(int ExitCode, string Output, string Error)
{
    public string Trimmed => Output.Trim();
}

/// <summary>
/// The published <c>sampan</c> with a root of its own, removed with everything in it at the end. Without root, or without the published program, the test
/// is skipped. SAMPAN_RUNTIME chooses another OCI runtime.
/// </summary>
internal sealed class SampanCommand : IDisposable
{
    private static readonly string s_repository = FindRepository();

    public SampanCommand()
    {
        Assert.SkipUnless(Environment.UserName == "root", "containers are made as root");
        Assert.SkipUnless(File.Exists(Program), "out/bin/sampan is not there: run ./build.sh first");
        Root = Directory.CreateTempSubdirectory("sampan-it-").FullName;
    }

    public static string Program => Path.Combine(s_repository, "out/bin/sampan");

    public string Root { get; }

    /// <summary>Variables of the programs that are started, beside the test's own.</summary>
    public Dictionary<string, string> Variables { get; } = [];

    public CommandResult Run(params string[] arguments) => RunWithInput(null, arguments);

    public CommandResult RunWithInput(string? input, params string[] arguments)
    {
        using Process process = Start(arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        if (input is not null)
            process.StandardInput.Write(input);
        process.StandardInput.Close();
        if (!process.WaitForExit(120_000))
        {
            process.Kill();
            Assert.Fail($"sampan {string.Join(' ', arguments)} did not end in two minutes");
        }
        return new CommandResult(process.ExitCode, output.Result, error.Result);
    }

    /// <summary>Runs a command that must succeed; gives its output.</summary>
    public string Must(params string[] arguments)
    {
        CommandResult result = Run(arguments);
        Assert.True(result.ExitCode == 0, $"sampan {string.Join(' ', arguments)}: {result.ExitCode} {result.Error}");
        return result.Trimmed;
    }

    public Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, StandardOutputEncoding = Encoding.UTF8 };
        foreach (string word in (string[])["--root", Root, .. arguments])
            start.ArgumentList.Add(word);
        foreach ((string name, string value) in Variables)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>A value of <c>inspect</c>.</summary>
    public string Inspect(string container, string key)
    {
        string line = Must("inspect", container).Split('\n').First(line => line.TrimStart().StartsWith($"\"{key}\":", StringComparison.Ordinal));
        return line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim().TrimEnd(',').Trim('"');
    }

    /// <summary>The monitor of a container: the process that holds its lock.</summary>
    public int MonitorOf(string id)
    {
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), out int pid))
                continue;
            try
            {
                string words = File.ReadAllText(Path.Combine(directory, "cmdline"));
                if (words.Contains("monitor", StringComparison.Ordinal) && words.Contains($"id={id}", StringComparison.Ordinal))
                    return pid;
            }
            catch (IOException)
            {
                // It ended while the list was read.
            }
        }
        throw new InvalidOperationException($"no monitor of {id}");
    }

    /// <summary>Waits until something holds; fails after ten seconds.</summary>
    public static void Eventually(Func<bool> holds, string what) => Eventually(holds, () => what);

    /// <summary>Waits until something holds; fails after ten seconds, with what is said then.</summary>
    public static void Eventually(Func<bool> holds, Func<string> what)
    {
        using var waiter = new ManualResetEventSlim();
        for (int i = 0; i < 200; i++)
        {
            if (holds())
                return;
            _ = waiter.Wait(50);
        }
        Assert.Fail($"not after ten seconds: {what()}");
    }

    /// <summary>What is mounted below the root.</summary>
    public string[] Mounts() => [.. File.ReadLines("/proc/self/mountinfo").Where(line => line.Contains(Root, StringComparison.Ordinal))];

    public void Dispose()
    {
        string ids = Run("ps", "-aq").Output;
        foreach (string id in ids.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            _ = Run("rm", "-f", id);
        Assert.Empty(Mounts());
        Directory.Delete(Root, recursive: true);
    }

    private static string FindRepository()
    {
        string? directory = AppContext.BaseDirectory;
        while (directory is not null && !File.Exists(Path.Combine(directory, "Sampan.slnx")))
            directory = Path.GetDirectoryName(directory);
        return directory ?? throw new InvalidOperationException("the tests do not run inside the repository");
    }
}
