using System.Security.Cryptography;
using Sampan.Oci;
using Sampan.Registry;

namespace Sampan.Tests.Integration.Registry;

/// <summary>Clients of a test, with credentials in a directory of their own and patience of milliseconds; and images to push.</summary>
internal sealed class RegistrySandbox : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("sampan-client-");
    private readonly List<RegistryClient> _clients = [];

    public static CancellationToken Never => TestContext.Current.CancellationToken;

    public static RegistrySettings Quick { get; } = new()
    {
        RetryPause = TimeSpan.FromMilliseconds(5),
        StallTimeout = TimeSpan.FromSeconds(5),
        Proxy = new ProxySettings(null, null, null),
        CertificateDirectories = [],
    };

    public string CredentialsPath => Path.Combine(_directory.FullName, "config.json");

    public CredentialStore Credentials => new([new CredentialFile(CredentialsPath)], new CredentialFile(CredentialsPath));

    public static Descriptor Describe(byte[] content, string mediaType = "application/octet-stream") =>
        new() { MediaType = mediaType, Digest = Digest.FromHash(SHA256.HashData(content)), Size = content.Length };

    public static Func<long, CancellationToken, Task<Stream>> From(byte[] content) =>
        (offset, _) => Task.FromResult<Stream>(new MemoryStream(content, (int)offset, content.Length - (int)offset));

    /// <summary>Bytes that are the same in each run.</summary>
    public static byte[] Bytes(int length, int seed = 1)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public RegistryClient Client(RegistrySettings? settings = null)
    {
        RegistryClient client = new(settings ?? Quick, Credentials);
        _clients.Add(client);
        return client;
    }

    /// <summary>Pushes an image of one layer, and returns its manifest.</summary>
    public static async Task<Descriptor> PushAsync(RegistryClient client, ImageReference reference, byte[] layer, Descriptor? subject = null, string? artifactType = null)
    {
        byte[] configuration = new ImageConfig { Architecture = "amd64", Os = "linux", RootFs = { Type = "layers", DiffIds = [Describe(layer).Digest] } }.ToJson(indented: false);
        await client.UploadBlobAsync(reference, Describe(layer), From(layer), cancellationToken: Never);
        await client.UploadBlobAsync(reference, Describe(configuration), From(configuration), cancellationToken: Never);
        byte[] manifest = new ImageManifest
        {
            SchemaVersion = 2,
            MediaType = MediaTypes.ImageManifest,
            ArtifactType = artifactType,
            Config = Describe(configuration, MediaTypes.ImageConfig),
            Layers = [Describe(layer, "application/vnd.oci.image.layer.v1.tar")],
            Subject = subject,
        }.ToJson(indented: false);
        await client.PutManifestAsync(reference, MediaTypes.ImageManifest, manifest, Never);
        return Describe(manifest, MediaTypes.ImageManifest);
    }

    public static async Task<byte[]> ReadAsync(RegistryClient client, ImageReference reference, Descriptor blob)
    {
        await using BlobStream stream = await client.OpenBlobAsync(reference, blob, cancellationToken: Never);
        using MemoryStream whole = new();
        await stream.CopyToAsync(whole, Never);
        return whole.ToArray();
    }

    public void Dispose()
    {
        _clients.ForEach(c => c.Dispose());
        _directory.Delete(recursive: true);
    }
}
