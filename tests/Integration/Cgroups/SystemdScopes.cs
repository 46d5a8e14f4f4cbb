using Sampan.Oci;
using Sampan.Runtime;
using Sampan.Runtime.Cgroups;
using Sampan.Runtime.Cgroups.Devices;

namespace Sampan.Tests.Integration.Cgroups;

/// <summary>The systemd driver against a real systemd (tests/vm/run.sh --systemd has one).</summary>
public sealed class SystemdScopes : IDisposable
{
    private static int s_number;
    private readonly string _name = $"test{Environment.ProcessId}x{Interlocked.Increment(ref s_number)}";
    private Cgroup? _cgroup;

    public SystemdScopes()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && Directory.Exists("/run/systemd/system"), "needs root and systemd as the first process: run in tests/vm/run.sh --systemd");
    }

    private string Unit => $"sampan-{_name}.scope";

    [Fact]
    public void A_scope_is_started_in_its_slice_updated_and_stopped()
    {
        _cgroup = Create(new LinuxResources { Memory = new LinuxMemory { Limit = 64 << 20 }, Pids = new LinuxPids { Limit = 50 }, Cpu = new LinuxCpu { Shares = 512 } });
        Assert.Equal(Unit, _cgroup.State.SystemdUnit);
        Assert.EndsWith($"/sampan.slice/sampan-tests.slice/{Unit}", _cgroup.State.UnifiedPath);
        using TestProcess process = TestProcess.Start(_cgroup);
        _cgroup.Dispose();
        Assert.Equal([process.Pid], _cgroup.Processes());
        Assert.Equal("ActiveState=active\nDelegate=yes\nMemoryMax=67108864\nTasksMax=50", Show("ActiveState", "Delegate", "MemoryMax", "TasksMax"));
        _cgroup.Apply(new LinuxResources { Memory = new LinuxMemory { Limit = 128 << 20 } });
        Assert.Equal("MemoryMax=134217728", Show("MemoryMax"));
        Assert.Equal(128UL << 20, _cgroup.Statistics().Memory.Usage.Limit);
        string directory = _cgroup.State.UnifiedPath!;
        using (Cgroup opened = Cgroup.Open(CgroupTest.RoundTrip(_cgroup.State)))
            opened.Delete();
        Assert.Equal(137, process.WaitForExit());
        Assert.False(Directory.Exists(directory));
        Assert.Equal("ActiveState=inactive", Show("ActiveState"));
    }

    [Fact]
    public void The_scope_lives_until_its_first_process_has_joined_and_ends_with_it()
    {
        _cgroup = Create(new LinuxResources());
        Assert.Equal("ActiveState=active", Show("ActiveState"));
        _cgroup.Dispose();
        _cgroup.Delete();
        Assert.Equal("ActiveState=inactive", Show("ActiveState"));
        _cgroup.Delete();
    }

    [Fact]
    public void A_failing_limit_leaves_no_scope()
    {
        RuntimeException refused = Assert.Throws<RuntimeException>(() => Create(new LinuxResources { HugepageLimits = [new LinuxHugepageLimit { PageSize = "3MB", Limit = 1 }] }));
        Assert.Contains("hugepageLimits", refused.Message);
        Assert.Equal("ActiveState=inactive", Show("ActiveState"));
    }

    public void Dispose()
    {
        _cgroup?.Delete();
        GC.SuppressFinalize(this);
    }

    private Cgroup Create(LinuxResources resources)
    {
        resources.Devices = DefaultDeviceRules.Create();
        return Cgroup.Create(new CgroupRequest(_name, $"sampan-tests.slice:sampan:{_name}", resources, Systemd: true));
    }

    private string Show(params string[] properties)
    {
        using var show = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("systemctl", ["show", "-p", string.Join(',', properties), Unit]) { RedirectStandardOutput = true })!;
        string[] lines = show.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        show.WaitForExit();
        Array.Sort(lines, StringComparer.Ordinal);
        return string.Join('\n', lines);
    }
}
