namespace Sampan.Oci;

/// <summary>The keys of annotations that have a meaning for every engine (image-spec annotations.md, Pre-Defined Annotation Keys).</summary>
public static class ImageAnnotations
{
    /// <summary>The reference of a manifest within its layout's index.</summary>
    public const string RefName = "org.opencontainers.image.ref.name";
}
