using Sampan.Kernel.Bpf;

namespace Sampan.Runtime.Cgroups.Devices;

/// <summary>
/// Translates device rules into a program of type BPF_PROG_TYPE_CGROUP_DEVICE, which the kernel runs at every open and mknod of a device
/// (kernel, admin-guide/cgroup-v2.rst, "Device controller"; bpf(2)).
/// </summary>
/// <remarks>
/// The last rule that matches decides, for each kind of access by itself. So the program goes through the rules from last to first and keeps
/// the access that is still undecided: an allowing rule takes its own part out, and what is left empty is allowed; a denying rule that finds any of
/// its part still undecided denies.
/// </remarks>
public static class DeviceProgram
{
    private const byte R0 = 0, R1 = 1, Type = 2, Access = 3, Major = 4, Minor = 5;

    /// <summary>The instructions, eight bytes each (struct bpf_insn). Pure: needs no right and looks at nothing.</summary>
    public static ulong[] Compile(List<DeviceRule> rules)
    {
        var code = new List<ulong>
        {
            BpfInstruction.LoadWord(Type, R1, 0),
            BpfInstruction.And32(Type, 0xFFFF),
            BpfInstruction.LoadWord(Access, R1, 0),
            BpfInstruction.RightShift32(Access, 16),
            BpfInstruction.LoadWord(Major, R1, 4),
            BpfInstruction.LoadWord(Minor, R1, 8),
        };
        bool settled = false;
        for (int i = rules.Count - 1; i >= 0 && !settled; i--)
        {
            AddRule(code, rules[i]);
            settled = rules[i].IsTotal;
        }
        if (!settled)
            AddReturn(code, 0);
        return [.. code];
    }

    private static void AddRule(List<ulong> code, DeviceRule rule)
    {
        if (rule.IsTotal)
        {
            AddReturn(code, rule.Allow ? 1 : 0);
            return;
        }
        var next = new List<int>();
        if (rule.Type != 'a')
            AddCompare(code, next, Type, rule.Type == 'b' ? 1u : 2u);
        if (rule.Major is uint major)
            AddCompare(code, next, Major, major);
        if (rule.Minor is uint minor)
            AddCompare(code, next, Minor, minor);
        if (rule.Allow)
        {
            code.Add(BpfInstruction.And32(Access, ~(int)rule.Access));
            AddCompare(code, next, Access, 0);
            AddReturn(code, 1);
        }
        else
        {
            code.Add(BpfInstruction.JumpIfAnyBit32(Access, (int)rule.Access, 1));
            next.Add(code.Count);
            code.Add(BpfInstruction.Jump(0));
            AddReturn(code, 0);
        }
        foreach (int jump in next)
            code[jump] = BpfInstruction.WithOffset(code[jump], (short)(code.Count - jump - 1));
    }

    private static void AddCompare(List<ulong> code, List<int> next, byte register, uint value)
    {
        next.Add(code.Count);
        code.Add(BpfInstruction.JumpIfNotEqual32(register, (int)value, 0));
    }

    private static void AddReturn(List<ulong> code, int value)
    {
        code.Add(BpfInstruction.Move32(R0, value));
        code.Add(BpfInstruction.Exit);
    }
}
