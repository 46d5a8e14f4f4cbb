using Sampan.Tests.Integration.Engine;

namespace Sampan.Tests.Integration.Faults;

/// <summary>A container's files that a power cut or a hand has damaged: told, removable, and no matter of the others.</summary>
public sealed class DamagedFiles : IDisposable
{
    private readonly SampanCommand _sampan = new();

    public void Dispose() => _sampan.Dispose();

    [Theory]
    [InlineData("container.json", "")]
    [InlineData("container.json", "{")]
    [InlineData("container.json", "[]")]
    [InlineData("container.json", "{\"formatVersion\":1}")]
    [InlineData("state.json", "")]
    [InlineData("state.json", "[]")]
    [InlineData("state.json", "{\"status\":\"exited\"}")]
    public void One_containers_damaged_file_is_no_matter_of_the_others(string file, string content)
    {
        string id = _sampan.Must("run", "-d", "--name", "bad", "busybox", "true");
        _sampan.Must("wait", "bad");
        string good = _sampan.Must("run", "-d", "--name", "good", "busybox", "sleep", "100");
        File.WriteAllText(Path.Combine(_sampan.Root, "containers", id, file), content);
        Assert.Equal(good[..12], _sampan.Must("ps", "-q"));
        Assert.Contains(id[..12], _sampan.Must("ps", "-a"));
        _sampan.Must("exec", "good", "true");
        CommandResult start = _sampan.Run("exec", "bad", "true");
        Assert.Equal(file == "container.json" ? 125 : 1, start.ExitCode);
        Assert.DoesNotContain("internal error", start.Error);
        _sampan.Must("rm", "bad");
        Assert.Equal(good[..12], _sampan.Must("ps", "-aq"));
        _sampan.Must("run", "--rm", "--name", "bad", "busybox", "true");
    }

    [Fact]
    public void What_a_damaged_container_uses_is_not_pruned()
    {
        string id = _sampan.Must("run", "-d", "--name", "bad", "busybox", "true");
        _sampan.Must("wait", "bad");
        string record = Path.Combine(_sampan.Root, "containers", id, "container.json");
        File.WriteAllText(record, "");
        CommandResult prune = _sampan.Run("image", "prune", "-af");
        Assert.Equal(1, prune.ExitCode);
        Assert.Contains($"sampan rm -f {id[..12]}", prune.Error);
        _sampan.Must("rm", "-f", id);
        _sampan.Must("image", "prune", "-af");
    }
}
