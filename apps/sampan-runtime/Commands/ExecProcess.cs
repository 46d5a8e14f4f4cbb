using System.Globalization;
using Sampan.Kernel;
using Sampan.Oci;
using Sampan.Runtime;
using Sampan.RuntimeCommand.CommandLine;

namespace Sampan.RuntimeCommand.Commands;

/// <summary>The process that <c>exec</c> describes: a file's, or the container's own with another command and what the options change.</summary>
internal static class ExecProcess
{
    public static Process From(ParsedOptions options, IReadOnlyList<string> arguments, Spec spec)
    {
        if (options.Text("process") is { Length: > 0 } path)
            return FromFile(path);
        if (arguments.Count < 2)
            throw new RuntimeException("process args cannot be empty: name the command to execute, or a file with --process", RuntimeErrorKind.InvalidArgument);
        Process process = spec.Process ?? throw new RuntimeException("the container's config.json describes no process to take environment and user from", RuntimeErrorKind.WrongState);
        process.Args = [];
        for (int i = 1; i < arguments.Count; i++)
            process.Args.Add(arguments[i]);
        process.Terminal = options.Flag("tty");
        process.ConsoleSize = null;
        if (options.Text("cwd") is { Length: > 0 } cwd)
            process.Cwd = cwd;
        if (options.Text("apparmor") is { Length: > 0 } apparmor)
            process.ApparmorProfile = apparmor;
        if (options.Text("process-label") is { Length: > 0 } label)
            process.SelinuxLabel = label;
        SetEnvironment(process.Env ??= [], options.List("env"));
        if (options.Has("no-new-privs"))
            process.NoNewPrivileges = options.Flag("no-new-privs");
        AddCapabilities(process, options.List("cap"));
        SetUser(process, options);
        SpecValidation.Validate(process, "exec: process");
        return process;
    }

    private static Process FromFile(string path)
    {
        using FileDescriptor file = Syscalls.Open(path, OpenFlags.ReadOnly);
        Process process = Process.Parse(FileContent.ReadAll(file, path), path);
        if (process.Args is not { Count: > 0 })
            throw new RuntimeException($"process args cannot be empty: {path} names no args", RuntimeErrorKind.InvalidArgument);
        SpecValidation.Validate(process, path);
        return process;
    }

    /// <summary>A variable that is there already is replaced: of two with one name getenv(3) finds the first.</summary>
    private static void SetEnvironment(List<string> environment, List<string> given)
    {
        foreach (string variable in given)
        {
            int equals = variable.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? variable : variable[..(equals + 1)];
            _ = environment.RemoveAll(other => other.StartsWith(name, StringComparison.Ordinal));
            environment.Add(variable);
        }
    }

    /// <summary>As runc: added to what the process may have and has; ambient ones only where inheritable ones carry them.</summary>
    private static void AddCapabilities(Process process, List<string> names)
    {
        if (names.Count == 0)
            return;
        LinuxCapabilities sets = process.Capabilities ??= new LinuxCapabilities();
        foreach (string name in names)
        {
            string full = Capabilities.TryParse(name, out int number) ? Capabilities.NameOf(number)
                : throw new RuntimeException($"unknown capability \"{name}\" in --cap: names are those of capabilities(7), like CAP_NET_ADMIN", RuntimeErrorKind.InvalidArgument);
            Add(sets.Bounding ??= [], full);
            Add(sets.Effective ??= [], full);
            Add(sets.Permitted ??= [], full);
            if (sets.Inheritable is not { } inheritable || !inheritable.Contains(full))
                continue;
            Add(sets.Ambient ??= [], full);
        }
    }

    private static void Add(List<string> set, string name)
    {
        if (!set.Contains(name))
            set.Add(name);
    }

    private static void SetUser(Process process, ParsedOptions options)
    {
        if (options.Text("user") is { Length: > 0 } user)
        {
            int colon = user.IndexOf(':', StringComparison.Ordinal);
            process.User.Uid = Id(colon < 0 ? user : user[..colon], "uid", "user");
            if (colon >= 0)
                process.User.Gid = Id(user[(colon + 1)..], "gid", "user");
        }

        foreach (string gid in options.List("additional-gids"))
            (process.User.AdditionalGids ??= []).Add(Id(gid, "gid", "additional-gids"));
    }

    /// <summary>An id is a number from 0 to 2³¹−1: larger ones wrap to root in other places (CVE-2024-40635).</summary>
    private static uint Id(string text, string what, string option) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int id)
            ? (uint)id
            : throw new RuntimeException($"parsing '{text}' as int for {what} failed: --{option} takes numbers from 0 to {int.MaxValue}", RuntimeErrorKind.InvalidArgument);
}
