namespace Sampan.Registry;

/// <summary>Whether a registry is talked to without TLS.</summary>
public enum PlainHttp
{
    /// <summary>Only a registry on this machine (a loopback address or <c>localhost</c>), and only when it does not speak TLS.</summary>
    Loopback,

    /// <summary>When it does not speak TLS: Docker's <c>insecure-registries</c>.</summary>
    Allowed,

    /// <summary>Always.</summary>
    Always,

    /// <summary>Never, also on this machine.</summary>
    Never,
}

/// <summary>How one registry is reached.</summary>
public sealed record RegistryHostSettings
{
    /// <summary>Whether TLS may be left out.</summary>
    public PlainHttp PlainHttp { get; init; }

    /// <summary>Whether any certificate will do. It gives up what TLS protects; a CA of one's own is the better way.</summary>
    public bool SkipCertificateCheck { get; init; }

    /// <summary>Files of PEM certificates that are trusted beside the system's.</summary>
    public IReadOnlyList<string> CertificateAuthorities { get; init; } = [];

    /// <summary>A PEM file with the certificate that this side shows, or null.</summary>
    public string? ClientCertificate { get; init; }

    /// <summary>A PEM file with the private key of <see cref="ClientCertificate"/>; null where the same file holds it.</summary>
    public string? ClientKey { get; init; }

    /// <summary>Registries that are asked before this one when something is read: a host, with a port and a path where needed, for instance <c>mirror.lan:5000/hub</c>. They are never written to.</summary>
    public IReadOnlyList<string> Mirrors { get; init; } = [];
}
