namespace Sampan.Oci;

/// <summary>What manifests, configurations and layers are called (image-spec media-types.md; Docker's image manifest version 2, schema 2).</summary>
public static class MediaTypes
{
    /// <summary>OCI's image manifest.</summary>
    public const string ImageManifest = "application/vnd.oci.image.manifest.v1+json";

    /// <summary>OCI's image index.</summary>
    public const string ImageIndex = "application/vnd.oci.image.index.v1+json";

    /// <summary>OCI's image configuration.</summary>
    public const string ImageConfig = "application/vnd.oci.image.config.v1+json";

    /// <summary>The empty object <c>{}</c>, the configuration of what is no image.</summary>
    public const string EmptyJson = "application/vnd.oci.empty.v1+json";

    /// <summary>Docker's image manifest, schema 2.</summary>
    public const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";

    /// <summary>Docker's manifest list.</summary>
    public const string DockerManifestList = "application/vnd.docker.distribution.manifest.list.v2+json";

    /// <summary>Docker's image manifest, schema 1, which has neither sizes nor a configuration: refused.</summary>
    public const string DockerManifest1 = "application/vnd.docker.distribution.manifest.v1+json";

    /// <summary>Docker's image manifest, schema 1, with a signature: refused.</summary>
    public const string DockerManifest1Signed = "application/vnd.docker.distribution.manifest.v1+prettyjws";

    /// <summary>Whether it is a list of manifests, OCI's or Docker's.</summary>
    public static bool IsIndex(string? mediaType) => mediaType is ImageIndex or DockerManifestList;

    /// <summary>Whether it is one image's manifest, OCI's or Docker's schema 2.</summary>
    public static bool IsManifest(string? mediaType) => mediaType is ImageManifest or DockerManifest;

    /// <summary>Whether it is Docker's schema 1.</summary>
    public static bool IsSchema1(string? mediaType) => mediaType is DockerManifest1 or DockerManifest1Signed;
}
