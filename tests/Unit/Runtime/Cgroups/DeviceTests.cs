using CsCheck;
using Sampan.Oci;
using Sampan.Runtime;
using Sampan.Runtime.Cgroups.Devices;

namespace Sampan.Tests.Unit.Runtime.Cgroups;

public sealed class DeviceTests
{
    private static readonly DeviceRule s_denyAll = new(false, 'a', null, null, DeviceAccess.All);
    private static readonly Gen<uint?> s_number = Gen.Int[0, 2].Select(i => i == 0 ? null : (uint?)i);
    private static readonly Gen<uint?> s_minor = Gen.Int[0, 3].Select(i => i == 0 ? null : i == 3 ? uint.MaxValue : (uint?)i);

    [Fact]
    public void The_default_rules_are_written_after_denying_everything()
    {
        DeviceList list = DeviceList.From(DeviceRule.Parse(DefaultDeviceRules.Create()))!;
        List<(string File, string Value)> writes = list.Transition(DeviceList.Parse("a *:* rwm"));
        Assert.Equal(("devices.deny", "a"), writes[0]);
        Assert.Equal(11, writes.Count);
        Assert.Contains(("devices.allow", "c *:* m"), writes);
        Assert.Contains(("devices.allow", "c 136:* rwm"), writes);
        Assert.Empty(list.Transition(DeviceList.Parse(string.Join('\n', writes.Skip(1).Select(write => write.Value)))));
    }

    [Fact]
    public void A_transition_writes_the_difference_and_allows_first()
    {
        DeviceList from = DeviceList.Parse("c 1:3 rwm\nc 1:5 rw\nb 8:0 r");
        DeviceList to = DeviceList.From([s_denyAll, new(true, 'c', 1, 3, DeviceAccess.All), new(true, 'c', 1, 5, DeviceAccess.Read), new(true, 'c', 1, 7, DeviceAccess.All)])!;
        Assert.Equal([("devices.allow", "c 1:7 rwm"), ("devices.deny", "c 1:5 w"), ("devices.deny", "b 8:0 r")], to.Transition(from));
    }

    [Fact]
    public void A_hole_in_a_wildcard_cannot_be_expressed_by_version_1()
    {
        Assert.Null(DeviceList.From([s_denyAll, new(true, 'c', 1, null, DeviceAccess.All), new(false, 'c', 1, 5, DeviceAccess.Write)]));
        Assert.NotNull(DeviceList.From([s_denyAll, new(true, 'c', 1, null, DeviceAccess.Mknod), new(false, 'c', 1, 5, DeviceAccess.Write)]));
        Assert.NotNull(DeviceList.From([s_denyAll, new(true, 'c', 1, 5, DeviceAccess.All), new(false, 'c', 1, null, DeviceAccess.Write)]));
    }

    [Fact]
    public void TheLetterAIsPassedOverAndARuleOfNothingElseIsNone()
    {
        List<DeviceRule> rules = DeviceRule.Parse([
            new LinuxDeviceCgroup { Allow = true, Type = "c", Major = 1, Minor = 11, Access = "rwa" },
            new LinuxDeviceCgroup { Allow = true, Type = "c", Major = 1, Minor = 12, Access = "a" }]);
        Assert.Equal([DeviceAccess.All, DeviceAccess.Read | DeviceAccess.Write], rules.Select(rule => rule.Access));
    }

    [Theory]
    [InlineData("x", 1L, "rwm", "type")]
    [InlineData("c", -2L, "rwm", "major")]
    [InlineData("c", 1L, "rwx", "access")]
    public void Wrong_rules_are_named(string type, long major, string access, string field) =>
        Assert.StartsWith($"linux.resources.devices[0].{field}: ", Assert.Throws<RuntimeException>(() => DeviceRule.Parse([new LinuxDeviceCgroup { Type = type, Major = major, Access = access }])).Message);

    /// <summary>The program, run here on an interpreter of its few instructions, against "the last matching rule decides" said naively.</summary>
    [Fact]
    public void The_program_decides_as_the_rules_say()
    {
        Gen<DeviceRule> rule = Gen.Select(Gen.Bool, Gen.Int[0, 2].Select(i => "abc"[i]), s_number, s_minor, Gen.Int[1, 7])
            .Select((allow, type, major, minor, access) => new DeviceRule(allow, type, major, minor, (DeviceAccess)access));
        rule.List[0, 8].Sample(rules =>
        {
            ulong[] program = DeviceProgram.Compile(rules);
            foreach (char type in "bc")
            {
                foreach (uint major in (uint[])[1, 2, 3])
                {
                    foreach (uint minor in (uint[])[1, 2, uint.MaxValue])
                    {
                        for (int access = 1; access <= 7; access++)
                            Assert.Equal(Expected(rules, type, major, minor, access), Run(program, type, major, minor, access));
                    }
                }
            }
        }, iter: 500);
    }

    /// <summary>Where version 1 can express the rules, its list means the same.</summary>
    [Fact]
    public void The_list_of_version_1_decides_as_the_rules_say()
    {
        Gen<DeviceRule> rule = Gen.Select(Gen.Bool, Gen.Int[0, 2].Select(i => "abc"[i]), s_number, s_number, Gen.Int[1, 7])
            .Select((allow, type, major, minor, access) => new DeviceRule(allow, type, major, minor, (DeviceAccess)access));
        int expressible = 0;
        rule.List[0, 6].Sample(rules =>
        {
            rules.Insert(0, s_denyAll);
            DeviceList? list = DeviceList.From(rules);
            if (list is null)
                return;
            _ = Interlocked.Increment(ref expressible);
            List<(string File, string Value)> writes = list.Transition(DeviceList.Parse("a *:* rwm"));
            foreach (char type in "bc")
            {
                foreach (uint major in (uint[])[1, 2, 3])
                {
                    foreach (uint minor in (uint[])[1, 2, 3])
                    {
                        for (int bit = 1; bit <= 4; bit *= 2)
                            Assert.Equal(Expected(rules, type, major, minor, bit), Allowed(writes, type, major, minor, bit));
                    }
                }
            }
        }, iter: 2000);
        Assert.True(expressible > 100);
    }

    private static bool Expected(List<DeviceRule> rules, char type, uint major, uint minor, int access)
    {
        for (int bit = 1; bit <= 4; bit *= 2)
        {
            bool allowed = false;
            foreach (DeviceRule rule in rules)
            {
                if ((rule.Type == 'a' || rule.Type == type) && (rule.Major ?? major) == major && (rule.Minor ?? minor) == minor && ((int)rule.Access & bit) != 0)
                    allowed = rule.Allow;
            }
            if ((access & bit) != 0 && !allowed)
                return false;
        }
        return true;
    }

    /// <summary>What the kernel makes of the writes, which begin with "a".</summary>
    private static bool Allowed(List<(string File, string Value)> writes, char type, uint major, uint minor, int bit)
    {
        bool allowed = writes[0].File == "devices.allow";
        char letter = bit switch { 1 => 'm', 2 => 'r', _ => 'w' };
        foreach ((string file, string value) in writes.Skip(1))
        {
            string[] parts = value.Split(' ', ':');
            if (parts[0][0] == type && (parts[1] == "*" || parts[1] == major.ToString()) && (parts[2] == "*" || parts[2] == minor.ToString()) && parts[3].Contains(letter))
                allowed = file == "devices.allow";
        }
        return allowed;
    }

    private static bool Run(ulong[] program, char type, uint major, uint minor, int access)
    {
        uint[] context = [((uint)access << 16) | (type == 'b' ? 1u : 2u), major, minor];
        uint[] registers = new uint[11];
        for (int at = 0; ; at++)
        {
            ulong instruction = program[at];
            int to = (int)(instruction >> 8) & 15;
            short offset = (short)(instruction >> 16);
            uint value = (uint)(instruction >> 32);
            switch (instruction & 0xFF)
            {
                case 0x61: registers[to] = context[offset / 4]; break;
                case 0x54: registers[to] &= value; break;
                case 0x74: registers[to] >>= (int)value; break;
                case 0xb4: registers[to] = value; break;
                case 0x05: at += offset; break;
                case 0x56: at += registers[to] != value ? offset : 0; break;
                case 0x46: at += (registers[to] & value) != 0 ? offset : 0; break;
                case 0x95: return registers[0] == 1;
                default: Assert.Fail($"instruction 0x{instruction:x}"); break;
            }
        }
    }
}
