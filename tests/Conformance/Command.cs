using System.Diagnostics;
using System.Globalization;

namespace Sampan.Tests.Conformance;

/// <summary>What a program said and how it ended.</summary>
/// <param name="ExitCode">Exit status, 128 + n when signal n ended it.</param>
/// <param name="Output">All of its standard output.</param>
/// <param name="Error">All of its standard error.</param>
public sealed record CommandResult(int ExitCode, string Output, string Error)
{
    /// <summary>Standard output without the line ends around it.</summary>
    public string Text => Output.Trim();

    /// <summary>Fails the test, with everything the program said, unless it ended with <paramref name="exitCode"/>.</summary>
    public CommandResult Expect(int exitCode)
    {
        Assert.True(
            ExitCode == exitCode,
            string.Create(CultureInfo.InvariantCulture, $"exit status {ExitCode}, not {exitCode}\nstdout: {Output}\nstderr: {Error}"));
        return this;
    }
}

/// <summary>Runs programs and collects what they say, never longer than a limit.</summary>
public static class Command
{
    /// <summary>Longest time that any single command of these tests may take.</summary>
    public static TimeSpan Limit { get; } = TimeSpan.FromSeconds(90);

    /// <summary>Runs <paramref name="program"/> to its end with <paramref name="input"/> (or nothing) on its standard input.</summary>
    /// <exception cref="TimeoutException">It took longer than <see cref="Limit"/>; it has been killed.</exception>
    public static CommandResult Run(string program, IEnumerable<string> arguments, string? input = null)
    {
        ProcessStartInfo start = new(program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        Feed(process, input);
        if (!process.WaitForExit(Limit) || !Task.WaitAll([output, error], Limit))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', start.ArgumentList)} took longer than {Limit.TotalSeconds:F0} s");
        }

        return new CommandResult(process.ExitCode, output.Result, error.Result);
    }

    private static void Feed(Process process, string? input)
    {
        try
        {
            if (input is not null)
            {
                process.StandardInput.Write(input);
            }

            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program ended before it had read everything: its exit status tells the rest.
        }
    }
}
