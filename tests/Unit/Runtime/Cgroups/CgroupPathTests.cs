using CsCheck;
using Sampan.Runtime;
using Sampan.Runtime.Cgroups;

namespace Sampan.Tests.Unit.Runtime.Cgroups;

public sealed class CgroupPathTests
{
    private static readonly CgroupHierarchy s_memory = new(["memory"], "/sys/fs/cgroup/memory", "/", "/own/cgroup");
    private static readonly CgroupHierarchy s_unified = new([], "/sys/fs/cgroup", "/", "/user.slice/session.scope");

    [Theory]
    [InlineData("a/b", "a/b")]
    [InlineData("/a//b/", "/a/b")]
    [InlineData("../../etc", "etc")]
    [InlineData("/../../a", "/a")]
    [InlineData("a/../../b/./c", "b/c")]
    [InlineData("..", "")]
    [InlineData("/", "/")]
    public void Clean_paths_stay_inside(string path, string clean) => Assert.Equal(clean, CgroupPath.Clean(path));

    [Theory]
    [InlineData("/pods/x", "/sys/fs/cgroup/memory/pods/x")]
    [InlineData("pods/x", "/sys/fs/cgroup/memory/own/cgroup/pods/x")]
    [InlineData("../../../x", "/sys/fs/cgroup/memory/own/cgroup/x")]
    [InlineData(null, "/sys/fs/cgroup/memory/own/cgroup/id")]
    [InlineData("", "/sys/fs/cgroup/memory/own/cgroup/id")]
    public void Version_1_counts_absolute_paths_from_the_root_and_others_from_the_own_cgroup(string? path, string directory) =>
        Assert.Equal(directory, CgroupPath.Legacy(s_memory, path, "id"));

    [Theory]
    [InlineData("/pods/x", "/sys/fs/cgroup/pods/x")]
    [InlineData("pods/x", "/sys/fs/cgroup/user.slice/pods/x")]
    [InlineData(null, "/sys/fs/cgroup/user.slice/id")]
    public void Version_2_counts_relative_paths_from_the_parent_of_the_own_cgroup(string? path, string directory) =>
        Assert.Equal(directory, CgroupPath.Unified(s_unified, CgroupVersion.V2, path, "id"));

    [Fact]
    public void In_a_hybrid_layout_both_versions_have_the_same_rule() =>
        Assert.Equal("/sys/fs/cgroup/user.slice/session.scope/x", CgroupPath.Unified(s_unified, CgroupVersion.Hybrid, "x", "id"));

    [Theory]
    [InlineData("/")]
    [InlineData("..")]
    [InlineData("/..")]
    [InlineData("a\nb")]
    public void The_root_and_impossible_names_are_refused(string path) =>
        Assert.StartsWith("linux.cgroupsPath", Assert.Throws<RuntimeException>(() => CgroupPath.Legacy(s_memory, path, "id")).Message);

    [Fact]
    public void No_path_leaves_the_hierarchy() =>
        Gen.Int[0, 5].Select(i => ((string[])["..", ".", "", "a", "b", "..."])[i]).Array[0, 8].Sample(parts =>
        {
            string path = CgroupPath.Clean(string.Join('/', parts));
            Assert.DoesNotContain("..", path.Split('/'));
            Assert.DoesNotContain(".", path.Split('/'));
            Assert.Equal(path, CgroupPath.Clean(path));
        });
}
