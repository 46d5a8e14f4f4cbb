using Sampan.Oci;

namespace Sampan.Tests.Unit.Oci;

/// <summary>The documents that Sampan.Oci reads, each with a sample that has every member.</summary>
public enum DocumentKind
{
    Spec,
    Process,
    Resources,
    State,
    Features,
    Descriptor,
    ImageIndex,
    ImageManifest,
    ImageConfig,
}

internal static class DocumentKinds
{
    public static SpecObject Parse(this DocumentKind kind, byte[] json) => kind switch
    {
        DocumentKind.Spec => Spec.Parse(json),
        DocumentKind.Process => Process.Parse(json),
        DocumentKind.Resources => LinuxResources.Parse(json),
        DocumentKind.State => State.Parse(json),
        DocumentKind.Features => Features.Parse(json),
        DocumentKind.Descriptor => Descriptor.Parse(json),
        DocumentKind.ImageIndex => ImageIndex.Parse(json),
        DocumentKind.ImageManifest => ImageManifest.Parse(json),
        DocumentKind.ImageConfig => ImageConfig.Parse(json),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    public static string Sample(this DocumentKind kind) => kind switch
    {
        DocumentKind.Spec => Samples.FullConfig,
        DocumentKind.Process => System.Text.Json.Nodes.JsonNode.Parse(Samples.FullConfig)!["process"]!.ToJsonString(),
        DocumentKind.Resources => System.Text.Json.Nodes.JsonNode.Parse(Samples.FullConfig)!["linux"]!["resources"]!.ToJsonString(),
        DocumentKind.State => Samples.FullState,
        DocumentKind.Features => Samples.FullFeatures,
        DocumentKind.Descriptor => Samples.FullDescriptor,
        DocumentKind.ImageIndex => Samples.FullIndex,
        DocumentKind.ImageManifest => Samples.FullManifest,
        DocumentKind.ImageConfig => Samples.FullImageConfig,
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
