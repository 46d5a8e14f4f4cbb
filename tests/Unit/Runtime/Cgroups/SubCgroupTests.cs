using Sampan.Runtime;
using Sampan.Runtime.Cgroups;

namespace Sampan.Tests.Unit.Runtime.Cgroups;

/// <summary>The values of <c>exec --cgroup</c>.</summary>
public class SubCgroupTests
{
    private static readonly CgroupState s_state = new()
    {
        Version = CgroupVersion.Hybrid,
        Paths = new Dictionary<string, string> { ["cpu"] = "/cpu,cpuacct/c", ["cpuacct"] = "/cpu,cpuacct/c", ["memory"] = "/memory/c", ["pids"] = "/pids/c" },
        UnifiedPath = "/unified/c",
    };

    [Theory]
    [InlineData("", "/memory/c", "/cpu,cpuacct/c", "/unified/c")]
    [InlineData("/", "/memory/c", "/cpu,cpuacct/c", "/unified/c")]
    [InlineData("sub", "/memory/c/sub", "/cpu,cpuacct/c/sub", "/unified/c/sub")]
    [InlineData("memory:a|cpu,cpuacct:b", "/memory/c/a", "/cpu,cpuacct/c/b", "/unified/c")]
    [InlineData("cpu:b|rest", "/memory/c/rest", "/cpu,cpuacct/c/b", "/unified/c/rest")]
    public void Each_hierarchy_gets_the_cgroup_that_is_named_for_it(string options, string memory, string cpu, string unified)
    {
        SubCgroup sub = SubCgroup.Parse(options.Split('|', StringSplitOptions.RemoveEmptyEntries), s_state);
        Assert.Equal((memory, cpu, unified), (sub.Directory("/memory/c"), sub.Directory("/cpu,cpuacct/c"), sub.Directory("/unified/c")));
    }

    [Theory]
    [InlineData("..", ".. is not a sub cgroup path")]
    [InlineData("memory:a/../../b", "is not a sub cgroup path")]
    [InlineData("what:/", "unknown controller what")]
    [InlineData("cpu:a|cpuacct:b", "the hierarchy of cpuacct was given another cgroup already")]
    [InlineData("a|b", "can be given once only")]
    public void What_leads_out_or_contradicts_is_refused(string options, string sentence) =>
        Assert.Contains(sentence, Assert.Throws<RuntimeException>(() => SubCgroup.Parse(options.Split('|'), s_state)).Message);
}
