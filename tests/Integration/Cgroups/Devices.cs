using Sampan.Oci;
using Sampan.Runtime.Cgroups.Devices;

namespace Sampan.Tests.Integration.Cgroups;

/// <summary>Device rules hold in every layout: through the devices controller of version 1, or a program on version 2.</summary>
public sealed class Devices : CgroupTest
{
    [Fact]
    public void The_default_rules_open_null_and_refuse_memory()
    {
        Assert.Equal("yes", Try("true < /dev/null"));
        Assert.Equal("yes", Try("true > /dev/full"));
        Assert.Equal("no", TryNode("c 1 1", "true <"));
    }

    [Fact]
    public void Making_a_node_is_allowed_and_opening_it_is_not()
    {
        string node = $"/dev/shm/sampan-test-{Guid.NewGuid():N}";
        try
        {
            Assert.Equal("yes", Try($"mknod {node} c 1 1"));
            Assert.Equal("no", Try($"true < {node}"));
        }
        finally
        {
            File.Delete(node);
        }
    }

    [Fact]
    public void The_last_rule_that_matches_decides()
    {
        Apply(
            new() { Allow = false, Access = "rwm" },
            new() { Allow = true, Type = "c", Major = 1, Access = "rwm" },
            new() { Allow = false, Type = "c", Major = 1, Minor = 5, Access = "w" });
        Assert.Equal("yes", Try("true < /dev/null"));
        Assert.Equal("yes", Try("true < /dev/zero"));
        Assert.Equal("no", Try("true > /dev/zero"));
        Assert.Equal("no", Try("true <> /dev/zero"));
    }

    [Fact]
    public void Access_counts_letter_by_letter()
    {
        Apply(
            new() { Allow = true, Type = "c", Major = 1, Minor = 3, Access = "rwm" },
            new() { Allow = true, Type = "c", Major = 1, Minor = 5, Access = "r" });
        Assert.Equal("yes", Try("true < /dev/zero"));
        Assert.Equal("no", Try("true > /dev/zero"));
        Apply(
            new() { Allow = true, Type = "c", Major = 1, Minor = 3, Access = "rwm" },
            new() { Allow = true, Type = "c", Major = 1, Minor = 5, Access = "w" });
        Assert.Equal("no", Try("true < /dev/zero"));
        Assert.Equal("yes", Try("true > /dev/zero"));
    }

    [Fact]
    public void A_change_never_takes_away_what_both_rule_sets_allow()
    {
        Apply(new LinuxDeviceCgroup { Allow = true, Type = "c", Major = 1, Access = "rwm" });
        using TestProcess process = Start("while true < /dev/null; do :; done; echo refused");
        for (int i = 0; i < 50; i++)
        {
            Apply(
                new() { Allow = true, Type = "c", Major = 1, Access = "rwm" },
                new() { Allow = true, Type = "b", Major = i + 1, Access = "rwm" });
        }
        Assert.False(process.HasExited);
    }

    [Fact]
    public void Everything_may_be_allowed()
    {
        Apply(new LinuxDeviceCgroup { Allow = true, Access = "rwm" });
        Assert.Equal("yes", TryNode("c 1 1", "true <"));
        Apply([.. DefaultDeviceRules.Create()]);
        Assert.Equal("no", TryNode("c 1 1", "true <"));
    }

    private void Apply(params LinuxDeviceCgroup[] rules) => Cgroup.Apply(new LinuxResources { Devices = [.. rules] });

    /// <summary>The shell opens /dev/null for its background, so the answer comes over the pipe only.</summary>
    private string Try(string command)
    {
        using TestProcess process = Start($"if ( {command} ) 2>&1 | grep -q -e 'not permitted' -e 'ermission denied'; then echo no; else echo yes; fi");
        return process.ReadLine();
    }

    private string TryNode(string device, string open)
    {
        string node = $"/dev/shm/sampan-test-{Guid.NewGuid():N}";
        using (var make = System.Diagnostics.Process.Start("mknod", $"{node} {device}"))
            make.WaitForExit();
        try
        {
            Assert.True(File.Exists(node));
            return Try($"{open} {node}");
        }
        finally
        {
            File.Delete(node);
        }
    }
}
