using System.Reflection;
using Sampan.Images.Archives;
using Sampan.Oci;

namespace Sampan.Engine.Images;

/// <summary>The default image: Debian's busybox as an OCI layout in a tar archive, put into the program when it is built (build/embedded-image.sh).</summary>
internal static class EmbeddedImage
{
    /// <summary>Its name: what it is run by, and under <c>localhost/</c> what it is called in the store.</summary>
    public const string Name = "busybox";

    /// <summary>What it runs on: any machine of this program's architecture.</summary>
    public static Platform Platform { get; } = new() { Os = "linux", Architecture = PlatformChoice.Host.Wanted.Architecture };

    private const string Resource = "sampan.embedded-image.tar";

    /// <summary>Whether a user means it, where the store has no image of that name.</summary>
    public static bool IsNamedBy(string text) => text is Name or Name + ":latest" or $"localhost/{Name}" or $"localhost/{Name}:latest" or "default";

    /// <summary>Opens it.</summary>
    /// <exception cref="EngineException">The program was built without.</exception>
    public static ImageArchive Open() => ImageArchive.Open(Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource)
        ?? throw new EngineException(ErrorKind.NotFound, "this program was built without its default image; build it by build.sh, or name an image (sampan pull IMAGE, oci:DIR, docker-archive:FILE)"));
}
