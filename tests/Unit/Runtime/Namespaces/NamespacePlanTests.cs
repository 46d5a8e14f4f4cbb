using Sampan.Kernel.Children;
using Sampan.Oci;
using Sampan.Runtime;
using Sampan.Runtime.Namespaces;

namespace Sampan.Tests.Unit.Runtime.Namespaces;

public sealed class NamespacePlanTests
{
    private static LinuxNamespace New(string type) => new() { Type = type };

    private static LinuxNamespace At(string type, string path) => new() { Type = type, Path = path };

    [Fact]
    public void CgroupAndTimeAreMadeByTheChildItself()
    {
        NamespacePlan plan = NamespacePlan.From([New("pid"), New("mount"), New("cgroup"), New("time")]);
        Assert.Equal(CloneFlags.NewMount, plan.AtClone);
        Assert.Equal(CloneFlags.NewPid, plan.AtSibling); // the first process of a pid namespace may have no sibling
        Assert.Equal(CloneFlags.NewCgroup | CloneFlags.NewTime, plan.AtUnshare);
        Assert.True(plan.NeedsSibling);
    }

    [Fact]
    public void InAJoinedUserNamespaceEverythingElseIsMadeInside()
    {
        NamespacePlan plan = NamespacePlan.From([New("pid"), New("network"), At("ipc", "/proc/1/ns/ipc"), At("user", "/proc/1/ns/user")]);
        Assert.Equal(CloneFlags.None, plan.AtClone);
        Assert.Equal(CloneFlags.NewNetwork, plan.AtUnshare);
        Assert.True(plan.NeedsSibling);
        Assert.Equal("user", plan.Joined[0].Type);
    }

    [Fact]
    public void WithoutThemNoSecondCloneIsNeeded() => Assert.False(NamespacePlan.From([New("pid"), New("mount"), New("user")]).NeedsSibling);

    [Fact]
    public void AnUnknownTypeIsRefusedByName()
    {
        RuntimeException failure = Assert.Throws<RuntimeException>(() => NamespacePlan.From([New("moon")]));
        Assert.Contains("\"moon\"", failure.Message, StringComparison.Ordinal);
    }
}
