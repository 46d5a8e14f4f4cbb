using Sampan.Kernel;
using Sampan.Oci;
using Sampan.Runtime;
using Sampan.RuntimeCommand.CommandLine;

namespace Sampan.RuntimeCommand.Commands;

/// <summary><c>spec</c>.</summary>
internal static class SpecCommand
{
    public static Command Describe() => new()
    {
        Name = "spec",
        Summary = "create a new specification file",
        Arguments = "",
        Description = "Writes a config.json to begin with: it runs \"sh\" from the directory \"rootfs\". It is for editing.",
        LeastArguments = 0,
        MostArguments = 0,
        Options =
        [
            new("bundle", OptionKind.Text, "path to the root of the bundle directory", "b"),
            new("rootless", OptionKind.Flag, "generate a configuration for a rootless container"),
        ],
        Run = Run,
    };

    private static int Run(Invocation call)
    {
        if (call.Options.Text("bundle") is { Length: > 0 } bundle)
            Syscalls.ChDir(bundle);
        Spec spec = Spec.Default(call.Options.Flag("rootless"), Syscalls.GetEuid(), Syscalls.GetEgid());
        Errno error = Syscalls.TryOpenAt(Syscalls.WorkingDirectory, "config.json", OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive, 0x1b6, out FileDescriptor? file);
        if (error == Errno.EEXIST)
            throw new RuntimeException("File config.json exists. Remove it first", RuntimeErrorKind.AlreadyExists);
        using (file ?? throw new KernelException("openat(\"config.json\", Create, Exclusive)", error))
        {
            Syscalls.WriteAll(file, spec.ToJson(indented: true));
            Syscalls.WriteAll(file, "\n"u8);
        }

        return 0;
    }
}
