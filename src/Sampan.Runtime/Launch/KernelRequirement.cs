using Sampan.Kernel;

namespace Sampan.Runtime.Launch;

/// <summary>What a kernel must have for any container at all.</summary>
internal static class KernelRequirement
{
    /// <summary>Refuses a kernel that is too old, before anything is made.</summary>
    /// <exception cref="RuntimeException">It is.</exception>
    public static void Check()
    {
        if (RequiredCalls.Missing() is { } missing)
            throw new RuntimeException($"Linux {RequiredCalls.LeastKernel} or later is needed: this kernel ({RequiredCalls.Release()}) lacks {string.Join(", ", missing)}, or a seccomp filter around this process hides them; use a newer kernel or a wider filter");
    }
}
