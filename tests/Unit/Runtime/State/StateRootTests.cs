using Sampan.Kernel;
using Sampan.Runtime;
using Sampan.Runtime.Cgroups;
using Sampan.Runtime.State;

namespace Sampan.Tests.Unit.Runtime.State;

public sealed class StateRootTests : IDisposable
{
    private static readonly ContainerId s_id = ContainerId.Parse("sampan-test");

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"sampan-state-{Guid.NewGuid():N}");

    private StateRoot Root => new(Path.Combine(_path, "deep", "root"));

    public void Dispose()
    {
        if (Directory.Exists(_path))
            Directory.Delete(_path, recursive: true);
    }

    [Fact]
    public void What_is_saved_is_loaded()
    {
        var state = new ContainerState
        {
            Id = s_id,
            Bundle = "/b \"q\"",
            RootFs = "/b/rootfs",
            Pid = 7,
            PidStartTime = ulong.MaxValue,
            IsCreating = true,
            OwnerUid = 1000,
            Created = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddTicks(1234567),
            OciVersion = "1.3.0",
            HasUserNamespace = true,
            IsRootless = true,
            IntelRdtPath = "/sys/fs/resctrl/x",
            Annotations = new Dictionary<string, string> { ["a/b"] = "ü\n" },
            Namespaces = new Dictionary<string, string> { ["network"] = "/proc/7/ns/net" },
            Cgroup = CgroupOf("""{"version":"v1","paths":{"memory":"/sys/fs/cgroup/memory/x"},"unifiedPath":"/u"}"""),
        };
        using StateDirectory directory = Root.Reserve(s_id);
        directory.Save(state);

        ContainerState loaded = directory.Load();

        Assert.Equal(state.ToLine(), loaded.ToLine());
        Assert.Equal(state.Created, loaded.Created);
        Assert.Equal("/sys/fs/cgroup/memory/x", loaded.Cgroup!.Paths["memory"]);
        Assert.Equal("ü\n", loaded.Annotations["a/b"]);
    }

    [Fact]
    public void Of_many_who_want_one_id_exactly_one_gets_it()
    {
        StateRoot root = Root;
        int won = 0;
        Parallel.For(0, 32, _ =>
        {
            try
            {
                root.Reserve(s_id).Dispose();
                Interlocked.Increment(ref won);
            }
            catch (RuntimeException error)
            {
                Assert.Equal(RuntimeErrorKind.AlreadyExists, error.Kind);
                Assert.Contains("container with given ID already exists", error.Message, StringComparison.Ordinal);
            }
        });

        Assert.Equal(1, won);
    }

    [Fact]
    public void A_root_that_does_not_exist_has_no_containers()
    {
        Assert.Empty(Root.List());
        Assert.Null(Root.Find(s_id));
        Assert.Contains("does not exist", Assert.Throws<RuntimeException>(() => Root.Open(s_id)).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_path));
    }

    [Fact]
    public void The_directories_are_private()
    {
        using StateDirectory directory = Root.Reserve(s_id);

        Assert.Equal(0x1c0u, Syscalls.Stat(directory.Directory).Mode & 0xfff);
        Assert.Equal(0x1c0u, Syscalls.StatAt(Syscalls.WorkingDirectory, Root.Path).Mode & 0xfff);
    }

    [Fact]
    public void List_passes_over_what_is_no_container()
    {
        Root.Reserve(s_id).Dispose();
        Root.Reserve(ContainerId.Parse("a")).Dispose();
        Directory.CreateDirectory(Path.Combine(Root.Path, "@notify"));
        File.WriteAllText(Path.Combine(Root.Path, "file"), "");

        Assert.Equal(["a", "sampan-test"], Root.List().Select(id => id.Text));
    }

    [Fact]
    public void A_link_in_the_place_of_a_container_is_not_followed()
    {
        Root.Reserve(ContainerId.Parse("a")).Dispose();
        File.CreateSymbolicLink(Path.Combine(Root.Path, "link"), Path.Combine(Root.Path, "a"));

        Assert.Null(Root.Find(ContainerId.Parse("link")));
    }

    [Fact]
    public void Removed_means_gone_with_everything_in_it()
    {
        using StateDirectory directory = Root.Reserve(s_id);
        directory.Begin("{}"u8, new ContainerState { Id = s_id });
        File.WriteAllText(directory.StartSocketPath, "");
        Directory.CreateDirectory(Path.Combine(directory.Path, "dir"));
        File.WriteAllText(Path.Combine(directory.Path, "dir", "file"), "");

        directory.Remove();

        Assert.False(Directory.Exists(directory.Path));
        Assert.Throws<RuntimeException>(() => directory.Lock());
    }

    [Fact]
    public void A_half_made_container_has_no_state_and_says_that_it_does_not_exist()
    {
        using StateDirectory directory = Root.Reserve(s_id);

        Assert.Null(directory.TryLoad());
        Assert.Equal(RuntimeErrorKind.NotFound, Assert.Throws<RuntimeException>(directory.Load).Kind);
    }

    [Fact]
    public void A_state_that_was_never_written_is_a_half_made_container()
    {
        using StateDirectory directory = Root.Reserve(s_id);
        File.WriteAllText(Path.Combine(directory.Path, "state.json"), "");

        Assert.Null(directory.TryLoad());
    }

    /// <summary>A kill -9, or a full disk, in the middle of a save.</summary>
    [Fact]
    public void Of_many_saves_the_last_whole_one_counts()
    {
        using StateDirectory directory = Root.Reserve(s_id);
        var state = new ContainerState { Id = s_id, IsCreating = true };
        directory.Begin("{}"u8, state);
        directory.Save(state with { Pid = 7 });
        directory.Save(state with { Pid = 8, IsCreating = false });
        Assert.Equal((8, false), (directory.Load().Pid, directory.Load().IsCreating));

        string file = Path.Combine(directory.Path, "state.json");
        byte[] last = (state with { Pid = 9 }).ToLine();
        for (int cut = 1; cut < last.Length; cut++)
        {
            byte[] before = File.ReadAllBytes(file);
            File.AppendAllBytes(file, last[..cut]);
            Assert.Equal(8, directory.Load().Pid);
            directory.Save(state with { Pid = 10 });
            Assert.Equal(10, directory.Load().Pid);
            File.WriteAllBytes(file, before);
        }
    }

    [Fact]
    public void A_first_save_that_was_cut_off_is_a_half_made_container()
    {
        using StateDirectory directory = Root.Reserve(s_id);
        byte[] line = new ContainerState { Id = s_id }.ToLine();
        for (int cut = 0; cut < line.Length; cut++)
        {
            File.WriteAllBytes(Path.Combine(directory.Path, "state.json"), line[..cut]);
            Assert.Null(directory.TryLoad());
        }
    }

    [Fact]
    public void A_state_of_format_1_is_read_and_goes_on_in_the_new_one()
    {
        using StateDirectory directory = Root.Reserve(s_id);
        File.WriteAllText(Path.Combine(directory.Path, "state.json"), """{"formatVersion":1,"id":"x","pid":7}""");
        Assert.Equal(7, directory.Load().Pid);
        directory.Save(directory.Load() with { Pid = 8 });
        Assert.Equal((8, ContainerState.CurrentFormat), (directory.Load().Pid, directory.Load().FormatVersion));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{\"id\":\"../x\"}")]
    [InlineData("{\"pid\":1}")]
    [InlineData("{\"id\":\"x\",\"pid\":\"1\"}")]
    public void A_damaged_state_is_told_with_the_way_out(string json)
    {
        using StateDirectory directory = Root.Reserve(s_id);
        File.WriteAllText(Path.Combine(directory.Path, "state.json"), json);

        Assert.Contains("delete --force", Assert.Throws<RuntimeException>(directory.Load).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_state_of_a_newer_format_is_refused_and_members_that_are_not_known_are_passed_over()
    {
        using StateDirectory directory = Root.Reserve(s_id);
        File.WriteAllText(Path.Combine(directory.Path, "state.json"), """{"id":"x","formatVersion":1,"new":{"a":[1]}}""");
        Assert.Equal("x", directory.Load().Id.Text);
        File.WriteAllText(Path.Combine(directory.Path, "state.json"), """{"id":"x","formatVersion":3}""");

        Assert.Contains("newer Sampan", Assert.Throws<RuntimeException>(directory.Load).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_lock_keeps_a_second_holder_out()
    {
        using StateDirectory first = Root.Reserve(s_id);
        using StateDirectory second = Root.Open(s_id);
        using var entered = new ManualResetEventSlim();
        Task other;
        using (first.Lock())
        {
            other = Task.Run(() =>
            {
                using (second.Lock())
                    entered.Set();
            }, TestContext.Current.CancellationToken);
            Assert.False(entered.Wait(100, TestContext.Current.CancellationToken));
        }

        Assert.True(entered.Wait(10_000, TestContext.Current.CancellationToken));
        await other;
    }

    [Fact]
    public void The_status_follows_process_and_start_socket()
    {
        using StateDirectory directory = Root.Reserve(s_id);
        ProcessIdentity self = ProcessIdentity.Of(Environment.ProcessId);
        var state = new ContainerState { Id = s_id, IsCreating = true };
        Assert.Equal(ContainerStatus.Creating, state.StatusIn(directory));
        state = state with { Pid = self.Pid, PidStartTime = self.StartTime };
        Assert.Equal(ContainerStatus.Creating, state.StatusIn(directory));
        File.WriteAllText(directory.StartSocketPath, "");
        state = state with { IsCreating = false };
        Assert.Equal(ContainerStatus.Created, state.StatusIn(directory));
        Assert.True(directory.RemoveStartSocket());
        Assert.False(directory.RemoveStartSocket());
        Assert.Equal(ContainerStatus.Running, state.StatusIn(directory));
        Assert.Equal(ContainerStatus.Stopped, (state with { PidStartTime = self.StartTime + 1 }).StatusIn(directory));
    }

    private static CgroupState CgroupOf(string json)
    {
        var reader = new System.Text.Json.Utf8JsonReader(System.Text.Encoding.UTF8.GetBytes(json));
        _ = reader.Read();
        return CgroupState.Read(ref reader);
    }
}
