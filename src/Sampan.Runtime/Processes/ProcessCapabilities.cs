using Sampan.Kernel;
using Sampan.Oci;

namespace Sampan.Runtime.Processes;

/// <summary>The five capability sets as masks; bit i is capability i (capabilities(7)).</summary>
internal readonly record struct ProcessCapabilities(ulong Bounding, ulong Effective, ulong Permitted, ulong Inheritable, ulong Ambient)
{
    /// <summary>Reads the names. One that nobody knows, or that this kernel has not, is left out, as config.md asks for; a warning has said so.</summary>
    public static ProcessCapabilities From(LinuxCapabilities? capabilities, int last)
    {
        if (capabilities is null)
            return default;
        ulong known = Capabilities.All(last);
        return new ProcessCapabilities(
            Mask(capabilities.Bounding) & known, Mask(capabilities.Effective) & known, Mask(capabilities.Permitted) & known,
            Mask(capabilities.Inheritable) & known, Mask(capabilities.Ambient) & known);
    }

    private static ulong Mask(List<string>? names)
    {
        ulong mask = 0;
        foreach (string name in names ?? [])
        {
            if (KnownNames.Capabilities.Contains(name) && Capabilities.TryParse(name, out int number))
                mask |= 1UL << number;
        }
        return mask;
    }
}
