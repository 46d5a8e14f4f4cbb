namespace Sampan.Storage.Layers;

/// <summary>
/// The names under which overlayfs keeps its marks: <c>trusted.overlay.</c>, which only the first user namespace may write, or
/// <c>user.overlay.</c> with the mount option <c>userxattr</c> in any other (Linux 5.11).
/// </summary>
public static class OverlayAttributes
{
    /// <summary>Whether this process is in a user namespace of its own.</summary>
    public static bool InUserNamespace { get; } = DetectUserNamespace();

    /// <summary>What the names begin with.</summary>
    public static string Prefix => InUserNamespace ? "user.overlay." : "trusted.overlay.";

    /// <summary>The mark of a directory that hides the lower ones, whose value is <c>y</c>.</summary>
    public static string Opaque => Prefix + "opaque";

    private static bool DetectUserNamespace()
    {
        // The first namespace maps every id onto itself: "0 0 4294967295" (user_namespaces(7)).
        string[] fields = File.ReadAllText("/proc/self/uid_map").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return fields is not ["0", "0", "4294967295"];
    }
}
