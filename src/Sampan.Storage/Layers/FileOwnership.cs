using Sampan.Kernel;

namespace Sampan.Storage.Layers;

/// <summary>Owner, group and mode that one file takes over from another.</summary>
internal static class FileOwnership
{
    /// <summary>Gives an open file the owner, group and mode of a status; the owner first, for its change takes set-user-id bits away (chown(2)).</summary>
    /// <exception cref="KernelException">The kernel refused it.</exception>
    public static void Set(FileDescriptor file, FileStatus like)
    {
        Syscalls.FChOwn(file, like.Uid, like.Gid);
        Syscalls.FChMod(file, like.Mode & 0xFFF);
    }
}
