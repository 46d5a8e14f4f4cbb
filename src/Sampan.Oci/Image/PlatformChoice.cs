using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Sampan.Oci;

/// <summary>
/// Which images a machine can run, and which of several is the best: containerd's rules (platforms/compare.go, platforms.Only). A newer
/// machine runs what was made for an older variant; of several that fit, the one nearest to the machine wins.
/// </summary>
public sealed class PlatformChoice
{
    private readonly List<(string Os, string Architecture, string Variant)> _fitting = [];

    /// <summary>Makes the choice for a machine.</summary>
    public PlatformChoice(Platform wanted)
    {
        (string os, string architecture, string variant) = Normalize(wanted);
        Wanted = new Platform { Os = os, Architecture = architecture, Variant = variant.Length == 0 ? null : variant };
        Add(os, architecture, variant);
        // A processor of 64-bit Arm runs 32-bit programs too, in most models.
        if (architecture == "arm64")
            Add(os, "arm", "v8");
    }

    /// <summary>What was asked for, with the names that Go has for it.</summary>
    public Platform Wanted { get; }

    /// <summary>The machine this program runs on, with its variant.</summary>
    public static PlatformChoice Host { get; } = new(HostPlatform());

    /// <summary>Reads <c>OS/ARCHITECTURE[/VARIANT]</c>, or an architecture alone for Linux, as <c>--platform</c> takes it.</summary>
    /// <exception cref="FormatException">The text is not a platform.</exception>
    public static PlatformChoice Parse(string text)
    {
        string[] parts = text.ToLowerInvariant().Split('/');
        if (parts.Length > 3 || !parts.All(p => p.Length > 0 && p.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.')))
            throw new FormatException($"\"{Printable.Excerpt(text, 60)}\" is not a platform: write OS/ARCHITECTURE or OS/ARCHITECTURE/VARIANT, for instance linux/arm/v7");
        return parts.Length == 1
            ? new PlatformChoice(new Platform { Os = "linux", Architecture = parts[0] })
            : new PlatformChoice(new Platform { Os = parts[0], Architecture = parts[1], Variant = parts.Length == 3 ? parts[2] : null });
    }

    /// <summary>How far an image is from what was asked for: 0 is it exactly, more is older, -1 does not run.</summary>
    public int Distance(Platform image) => _fitting.IndexOf(Normalize(image));

    /// <summary>
    /// The manifest of an index that fits best, the first of several that are equal; null where none does. Entries without a platform
    /// (an index that holds another index, or one whose configuration tells) count when nothing else fits.
    /// </summary>
    public Descriptor? Best(ImageIndex index)
    {
        Descriptor? best = null;
        int distance = int.MaxValue;
        foreach (Descriptor entry in index.Manifests ?? [])
        {
            int its = entry.Platform is { } platform ? Distance(platform) : _fitting.Count;
            if (its >= 0 && its < distance)
                (best, distance) = (entry, its);
        }
        return best;
    }

    /// <inheritdoc/>
    public override string ToString() => Name(Wanted);

    /// <summary>A platform as <c>OS/ARCHITECTURE[/VARIANT]</c>, fit for a message.</summary>
    public static string Name(Platform platform) =>
        Printable.Excerpt($"{platform.Os}/{platform.Architecture}{(platform.Variant is { } variant ? "/" + variant : "")}", 60);

    private void Add(string os, string architecture, string variant)
    {
        int level = variant.Length == 2 && variant[0] == 'v' ? variant[1] - '0' : 0;
        switch (architecture)
        {
            case "amd64":
                for (int v = level; v >= 2; v--)
                    _fitting.Add((os, architecture, Level(v)));
                _fitting.Add((os, architecture, ""));
                break;
            case "arm":
                for (int v = level; v >= 5; v--)
                    _fitting.Add((os, architecture, Level(v)));
                break;
            case "arm64" when level > 8:
                for (int v = level; v > 8; v--)
                    _fitting.Add((os, architecture, Level(v)));
                _fitting.Add((os, architecture, ""));
                break;
            default:
                _fitting.Add((os, architecture, variant));
                break;
        }
        if (_fitting.Count == 0)
            _fitting.Add((os, architecture, variant));
    }

    private static string Level(int level) => "v" + level.ToString(CultureInfo.InvariantCulture);

    // As containerd's normalizeArch: the kernel's and Debian's names, and variants that are the default.
    private static (string Os, string Architecture, string Variant) Normalize(Platform platform)
    {
        string os = platform.Os.ToLowerInvariant() is "macos" ? "darwin" : platform.Os.ToLowerInvariant();
        string architecture = platform.Architecture.ToLowerInvariant(), variant = (platform.Variant ?? "").ToLowerInvariant();
        return architecture switch
        {
            "i386" or "i686" or "386" => (os, "386", ""),
            "x86_64" or "x86-64" or "amd64" => (os, "amd64", variant == "v1" ? "" : variant),
            "aarch64" or "arm64" => (os, "arm64", variant is "8" or "v8" or "v8.0" ? "" : variant),
            "armhf" => (os, "arm", "v7"),
            "armel" => (os, "arm", "v6"),
            "arm" => (os, "arm", variant.Length == 0 ? "v7" : variant[0] == 'v' ? variant : "v" + variant),
            _ => (os, architecture, variant),
        };
    }

    private static Platform HostPlatform() => new()
    {
        Os = "linux",
        Architecture = RuntimeInformation.OSArchitecture switch
        {
            Architecture.X64 => "amd64",
            Architecture.X86 => "386",
            Architecture.Arm64 => "arm64",
            Architecture.Arm or Architecture.Armv6 => "arm",
            Architecture.S390x => "s390x",
            Architecture.Ppc64le => "ppc64le",
            Architecture.RiscV64 => "riscv64",
            Architecture.LoongArch64 => "loong64",
            Architecture other => other.ToString().ToLowerInvariant(),
        },
        Variant = Variant(),
    };

    // The levels of the x86-64 psABI. IsSupported is what this program's code can use, so that a program built for less may say less, never more.
    private static string? Variant() => RuntimeInformation.OSArchitecture switch
    {
        Architecture.X64 when Avx512F.IsSupported && Avx512BW.IsSupported && Avx512CD.IsSupported && Avx512DQ.IsSupported && Avx512F.VL.IsSupported => "v4",
        Architecture.X64 when Avx2.IsSupported && Bmi1.IsSupported && Bmi2.IsSupported && Fma.IsSupported && Lzcnt.IsSupported => "v3",
        Architecture.X64 when Sse42.IsSupported && Popcnt.IsSupported => "v2",
        Architecture.Armv6 => "v6",
        _ => null,
    };
}
