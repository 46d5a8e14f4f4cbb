using System.Globalization;
using System.Text;
using Sampan.Kernel;
using Sampan.Runtime.Namespaces;

namespace Sampan.Runtime.Launch;

/// <summary>The memory files that hooks of the container's own process read their state from and write their output to.</summary>
internal sealed class HookFiles : IDisposable
{
    private const int MaxOutput = 4096;

    private HookFiles(FileDescriptor state, FileDescriptor output)
    {
        State = state;
        Output = output;
    }

    public FileDescriptor State { get; }

    public FileDescriptor Output { get; }

    /// <summary>The files, or null where there are no hooks that run before the process.</summary>
    public static HookFiles? For(Sampan.Oci.Hooks? hooks)
    {
        if (hooks is null || (hooks.Prestart is null && hooks.CreateRuntime is null && hooks.CreateContainer is null && hooks.StartContainer is null))
            return null;
        return new HookFiles(Syscalls.MemFdCreate("sampan-state"), Syscalls.MemFdCreate("sampan-output"));
    }

    public void WriteState(OciState state) => Syscalls.WriteAll(State, state.ToJson(indented: false));

    /// <summary>What hooks of the container's process have written so far, at most 4 KiB of it.</summary>
    public string ReadOutput()
    {
        byte[] bytes = new byte[MaxOutput];
        return Encoding.UTF8.GetString(bytes, 0, Syscalls.PRead(Output, bytes, 0)).Trim();
    }

    public void Dispose()
    {
        State.Dispose();
        Output.Dispose();
    }
}

/// <summary>The file into which the caller wants the pid of the container's process.</summary>
internal static class PidFile
{
    /// <summary>Writes the pid under another name first, so that whoever waits for the file never reads half of it.</summary>
    public static void Write(string path, int pid)
    {
        string full = Path.GetFullPath(path);
        string temporary = $"{Path.GetDirectoryName(full)}/.{Path.GetFileName(full)}";
        using (FileDescriptor file = Syscalls.Open(temporary, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Truncate | OpenFlags.NoFollow, 0x1B6))
        {
            Syscalls.WriteAll(file, Encoding.ASCII.GetBytes(pid.ToString(CultureInfo.InvariantCulture)));
        }
        Syscalls.RenameAt(Syscalls.WorkingDirectory, temporary, Syscalls.WorkingDirectory, full);
    }
}

/// <summary>process.oomScoreAdj.</summary>
internal static class OomScore
{
    /// <summary>Sets it; a process that may not lower it is left as it is where that is what the caller expects (rootless).</summary>
    public static void Set(int pid, int? score, bool bestEffort)
    {
        if (score is not { } value)
            return;
        string path = $"/proc/{pid}/oom_score_adj";
        Errno error = Syscalls.TryOpenAt(Syscalls.WorkingDirectory, path, OpenFlags.WriteOnly, 0, out FileDescriptor? file);
        using (file)
        {
            int result = file is null ? -(int)error : Syscalls.TryWrite(file, Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture)));
            if (result < 0 && !(bestEffort && result is -(int)Errno.EACCES or -(int)Errno.EPERM))
                throw new RuntimeException($"process.oomScoreAdj: the kernel refused {value}: {KernelException.Describe((Errno)(-result))}", RuntimeErrorKind.InvalidArgument);
        }
    }
}

/// <summary>The files of a process's namespaces.</summary>
internal static class NamespaceFiles
{
    private static readonly string[] s_types = ["mount", "pid", "network", "uts", "ipc", "user", "cgroup", "time"];

    public static Dictionary<string, string> Of(int pid)
    {
        var files = new Dictionary<string, string>(s_types.Length);
        foreach (string type in s_types)
            files[type] = $"/proc/{pid}/ns/{NamespacePlan.FileOf(type)}";
        return files;
    }
}

/// <summary>A pid namespace that is joined by the runtime's own thread, since setns(2) moves only the children of who calls it.</summary>
internal sealed class PidNamespace : IDisposable
{
    private readonly FileDescriptor? _own;

    private PidNamespace(FileDescriptor? own) => _own = own;

    /// <summary>Enters the pid namespace that the plan joins, if it does so at the clone; left again when disposed.</summary>
    public static PidNamespace Enter(NamespacePlan plan)
    {
        foreach (JoinedNamespace joined in plan.Joined)
        {
            if (joined.Type == "pid" && !plan.NeedsSibling)
                return Enter(joined.Path);
        }
        return new PidNamespace(null);
    }

    /// <summary>Enters a pid namespace by its file.</summary>
    public static PidNamespace Enter(string path)
    {
        FileDescriptor own = Syscalls.Open("/proc/self/ns/pid", OpenFlags.ReadOnly);
        using FileDescriptor target = Syscalls.Open(path, OpenFlags.ReadOnly);
        Syscalls.SetNs(target, NamespaceFlags.Pid);
        return new PidNamespace(own);
    }

    public void Dispose()
    {
        if (_own is null)
            return;
        Syscalls.SetNs(_own, NamespaceFlags.Pid);
        _own.Dispose();
    }
}
