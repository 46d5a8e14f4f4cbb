using System.Diagnostics;

namespace Sampan.Tests.Integration.Leaks;

/// <summary>The published executables, run with a time limit.</summary>
internal static class Executables
{
    /// <summary>Their directory: SAMPAN_BIN, which test.sh sets, or out/bin of the work tree.</summary>
    public static string Place { get; } = Environment.GetEnvironmentVariable("SAMPAN_BIN") ?? Path.Combine(WorkTree(), "out/bin");

    public static string Runtime => Path.Combine(Place, "sampan-runtime");

    public static bool IsRoot => Environment.IsPrivilegedProcess;

    public static bool LongTests => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("SAMPAN_LONG_TESTS"));

    /// <summary>Runs a program; one that does not end within the limit is killed, and the test fails: it hung.</summary>
    /// <returns>Exit status, standard output and standard error.</returns>
    public static (int Status, string Output, string Error) Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true })!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromSeconds(30)))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{Path.GetFileName(program)} {string.Join(' ', arguments)} hung for 30 seconds");
        }
        return (process.ExitCode, Within(output), Within(error));
    }

    /// <summary>A container that keeps a pipe open must not hold the test up for ever.</summary>
    private static string Within(Task<string> text) => text.Wait(TimeSpan.FromSeconds(5)) ? text.Result : "(still open)";

    private static string WorkTree()
    {
        string? directory = AppContext.BaseDirectory;
        while (directory is not null && !File.Exists(Path.Combine(directory, "Sampan.slnx")))
            directory = Path.GetDirectoryName(directory.TrimEnd('/'));
        return directory ?? throw new InvalidOperationException($"no Sampan.slnx above {AppContext.BaseDirectory}");
    }
}
