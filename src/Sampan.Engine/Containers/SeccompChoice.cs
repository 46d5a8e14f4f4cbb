using Sampan.Engine.Security;
using Sampan.Kernel;
using Sampan.Oci;

namespace Sampan.Engine.Containers;

/// <summary>The system call filter: the default profile for the container's capabilities, or one of the user's.</summary>
internal static class SeccompChoice
{
    private const int MaxProfile = 4 << 20;

    /// <summary>Loads a profile file; "" and <c>builtin</c> give the default.</summary>
    /// <exception cref="EngineException">The file cannot be read or is no profile.</exception>
    public static LinuxSeccomp? Load(string file, IReadOnlyList<string> capabilities)
    {
        if (file is "" or "builtin" or "default")
            return DefaultSeccompProfile.For(capabilities.ToHashSet(), DefaultSeccompProfile.NativeArchitecture);
        Errno error = GivenFile.TryRead(file, MaxProfile, out byte[] content);
        if (error != Errno.None)
            throw new EngineException(ErrorKind.InvalidArgument, $"the seccomp profile \"{Printable.Escape(file)}\" cannot be read: {KernelException.Describe(error)}");
        return SeccompProfile.Parse(content, capabilities);
    }
}
