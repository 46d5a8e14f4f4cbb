using Sampan.Kernel;
using Sampan.Kernel.Children;
using Sampan.Oci;
using Sampan.Runtime.Launch;

namespace Sampan.Runtime.Namespaces;

/// <summary>A user namespace that exists only for its maps, as idmapped mounts want one; a child of the runtime holds it for a moment.</summary>
internal sealed class UserNamespaceHolder : IDisposable
{
    private UserNamespaceHolder(FileDescriptor file) => File = file;

    /// <summary>The namespace.</summary>
    public FileDescriptor File { get; }

    /// <summary>Makes a user namespace with these maps.</summary>
    public static UserNamespaceHolder Make(IReadOnlyList<LinuxIdMapping> uids, IReadOnlyList<LinuxIdMapping> gids)
    {
        using var context = new ChildContext();
        context.Program.ResetSignals();
        context.Program.DieWithParent(true);
        context.Program.Await("hold the user namespace", context.Child);
        context.Program.Exit(0);
        ChildProcess child = ChildProcess.Start(context.Program, CloneFlags.NewUser, context.Child);
        using FileDescriptor pidFd = child.PidFd;
        context.CloseInherited();
        try
        {
            IdMaps.Write(child.Pid, uids, gids, denySetGroups: false);
            return new UserNamespaceHolder(Syscalls.Open($"/proc/{child.Pid}/ns/user", OpenFlags.ReadOnly));
        }
        finally
        {
            context.Release();
            _ = Syscalls.WaitId(pidFd);
        }
    }

    public void Dispose() => File.Dispose();
}
