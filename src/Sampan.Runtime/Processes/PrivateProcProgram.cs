using System.Text;
using Sampan.Kernel;
using Sampan.Kernel.Children;
using Sampan.Oci;

namespace Sampan.Runtime.Processes;

/// <summary>
/// A procfs that nobody can have put anything over: the child mounts it for itself, detached, and writes kernel settings and security labels through it.
/// A /proc that the image or a shared mount redirected never sees these writes (CVE-2025-52881).
/// </summary>
internal sealed class PrivateProcProgram(ChildProgram program)
{
    private ChildRegister? _proc;

    /// <summary>The descriptor of the private procfs; the steps that make it are added at the first use.</summary>
    public ChildRegister Proc
    {
        get
        {
            if (_proc is { } there)
                return there;
            ChildRegister context = program.NewRegister();
            ChildRegister mount = program.NewRegister();
            _ = program.FsOpen("open a private procfs", "proc").Into(context);
            _ = program.FsConfig("create a private procfs", context, null, null);
            _ = program.FsMount("mount a private procfs", context, 0xE).Into(mount);
            _ = program.Close(context);
            _proc = mount;
            return mount;
        }
    }

    /// <summary>Writes <paramref name="value"/> to a file of the private procfs.</summary>
    public void Write(string path, string value, string what)
    {
        ChildRegister file = program.NewRegister();
        _ = program.OpenAt2($"open {path} of procfs for {what}", Proc, path, OpenFlags.WriteOnly, ResolveFlags.Beneath | ResolveFlags.NoMagicLinks).Into(file);
        _ = program.Write($"write \"{value}\" for {what}", file, Encoding.UTF8.GetBytes(value));
        _ = program.Close(file);
    }

    /// <summary>linux.sysctl.</summary>
    public void WriteSysctls(Dictionary<string, string> settings)
    {
        foreach ((string key, string value) in settings)
        {
            string path = Sysctl.PathOf(key) ?? throw new RuntimeException($"linux.sysctl: \"{key}\" is not the name of a kernel setting", RuntimeErrorKind.InvalidArgument);
            Write($"sys/{path}", value, $"linux.sysctl {key}");
        }
    }

    /// <summary>The AppArmor profile and the SELinux label that execve(2) will give the process.</summary>
    public void WriteLabels(string? apparmorProfile, string? selinuxLabel)
    {
        if (!string.IsNullOrEmpty(apparmorProfile) && apparmorProfile != "unconfined")
            Write(SecurityModules.HasAppArmorAttributes ? "self/attr/apparmor/exec" : "self/attr/exec", $"exec {apparmorProfile}", "process.apparmorProfile");
        if (!string.IsNullOrEmpty(selinuxLabel))
            Write("self/attr/exec", selinuxLabel, "process.selinuxLabel");
    }
}
