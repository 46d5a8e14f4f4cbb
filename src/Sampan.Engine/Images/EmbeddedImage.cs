using System.Reflection;

namespace Sampan.Engine.Images;

/// <summary>The default image: Debian's busybox as an OCI layout in a tar archive, put into the program when it is built (build/embedded-image.sh).</summary>
internal static class EmbeddedImage
{
    private const string Resource = "sampan.embedded-image.tar";

    public static ImageFiles Open()
    {
        Stream archive = Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource)
            ?? throw new EngineException(ErrorKind.NotFound, "this program was built without its default image; build it by build.sh, or name an image (oci:DIR, docker-archive:FILE)");
        return new TarFiles(archive);
    }
}
