namespace Sampan.Registry;

/// <summary>How registries are reached. Immutable: a client keeps the settings it was made with.</summary>
public sealed record RegistrySettings
{
    /// <summary>The registries in which a name without one is searched; none is Docker Hub alone.</summary>
    public IReadOnlyList<string> SearchRegistries { get; init; } = [];

    /// <summary>Settings by registry, <c>HOST[:PORT]</c>.</summary>
    public IReadOnlyDictionary<string, RegistryHostSettings> Hosts { get; init; } = new Dictionary<string, RegistryHostSettings>();

    /// <summary>Directories with one directory for each <c>HOST[:PORT]</c>, which holds <c>*.crt</c> (CAs) and <c>*.cert</c> with <c>*.key</c> (this side's): containers-certs.d(5).</summary>
    public IReadOnlyList<string> CertificateDirectories { get; init; } = ["/etc/containers/certs.d", "/etc/docker/certs.d"];

    /// <summary>The proxies.</summary>
    public ProxySettings Proxy { get; init; } = ProxySettings.FromEnvironment();

    /// <summary>How often a request that failed for a passing reason is made again.</summary>
    public int Retries { get; init; } = 5;

    /// <summary>The pause before the first repetition; it doubles with each, up to half a minute, less a random quarter.</summary>
    public TimeSpan RetryPause { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest <c>Retry-After</c> that is waited for; a longer one ends in an error that says so.</summary>
    public TimeSpan MaximumRetryAfter { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a server may send nothing: before its answer, or within a body.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many blobs are transferred from or to one registry at a time.</summary>
    public int ParallelTransfers { get; init; } = 8;

    /// <summary>What is sent in one request of an upload at most, in bytes; a registry can ask for more (OCI-Chunk-Min-Length). A blob no longer than this goes in one piece.</summary>
    public long ChunkSize { get; init; } = 64L << 20;

    /// <summary>The settings of a registry, with what its certificate directories hold.</summary>
    /// <exception cref="RegistryException">A certificate lies there without its key.</exception>
    public RegistryHostSettings For(string registry)
    {
        RegistryHostSettings host = Hosts.TryGetValue(registry, out RegistryHostSettings? own) ? own : new RegistryHostSettings();
        foreach (string directory in CertificateDirectories)
            host = WithDirectory(host, Path.Combine(directory, registry));
        return host;
    }

    private static RegistryHostSettings WithDirectory(RegistryHostSettings host, string directory)
    {
        if (!Directory.Exists(directory))
            return host;
        string[] files = Directory.GetFiles(directory);
        Array.Sort(files, StringComparer.Ordinal);
        string? certificate = host.ClientCertificate is null ? Array.Find(files, f => f.EndsWith(".cert", StringComparison.Ordinal)) : null;
        string? key = certificate is null ? null : Path.ChangeExtension(certificate, ".key");
        if (key is not null && !File.Exists(key))
            throw new RegistryException(RegistryErrorKind.InvalidArgument, $"{certificate} has no {Path.GetFileName(key)} beside it: put the private key there, or name the file .crt if it is a CA");
        return host with
        {
            CertificateAuthorities = [.. host.CertificateAuthorities, .. files.Where(f => f.EndsWith(".crt", StringComparison.Ordinal))],
            ClientCertificate = host.ClientCertificate ?? certificate,
            ClientKey = host.ClientCertificate is null ? key : host.ClientKey,
        };
    }
}
