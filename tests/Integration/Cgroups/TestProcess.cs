using System.Diagnostics;
using Sampan.Kernel;
using Sampan.Runtime.Cgroups;

namespace Sampan.Tests.Integration.Cgroups;

/// <summary>A process that joins a cgroup as a container's does (v1 tasks files, or cgroup.procs of version 2 where there is no clone3) and then runs a shell command.</summary>
internal sealed class TestProcess : IDisposable
{
    private readonly Process _process;

    private TestProcess(Process process) => _process = process;

    public int Pid => _process.Id;

    public bool HasExited => _process.HasExited;

    public static TestProcess Start(Cgroup cgroup, string script = "exec sleep 1000", string? subPath = null)
    {
        var files = new List<string>();
        foreach (FileDescriptor file in cgroup.OpenJoinFiles(subPath is null ? null : [subPath]))
        {
            files.Add(Syscalls.ReadLinkAt(Syscalls.WorkingDirectory, file.ProcPath));
            file.Dispose();
        }
        using (FileDescriptor? unified = cgroup.OpenUnifiedDirectory(subPath is null ? null : [subPath]))
        {
            if (unified is not null)
                files.Add(Syscalls.ReadLinkAt(Syscalls.WorkingDirectory, unified.ProcPath) + "/cgroup.procs");
        }
        string join = string.Concat(files.Select(file => $"echo $$ > {file} || exit 99; "));
        var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", join + "echo joined; " + script]) { RedirectStandardOutput = true })!;
        string? line = process.StandardOutput.ReadLine();
        Assert.Equal("joined", line);
        return new TestProcess(process);
    }

    public string ReadLine() => _process.StandardOutput.ReadLine() ?? "";

    public int WaitForExit()
    {
        Assert.True(_process.WaitForExit(15_000), "the process did not end");
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit(5000);
        _process.Dispose();
    }
}
