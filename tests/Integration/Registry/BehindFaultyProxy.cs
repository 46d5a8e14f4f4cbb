using Sampan.Registry;

namespace Sampan.Tests.Integration.Registry;

/// <summary>A registry, a proxy in front of it that makes faults, and a client's place: what tests of faults begin with.</summary>
public abstract class BehindFaultyProxy : IDisposable
{
    private protected BehindFaultyProxy()
    {
        Registry = DebianRegistry.Start();
        Proxy = new FaultyProxy(Registry.Name);
        Reference = ImageReference.Parse($"{Proxy.Name}/app:1");
    }

    private protected static CancellationToken Never => RegistrySandbox.Never;

    private protected DebianRegistry Registry { get; }

    private protected RegistrySandbox Sandbox { get; } = new();

    private protected FaultyProxy Proxy { get; }

    /// <summary>An image of the registry, reached through the proxy.</summary>
    private protected ImageReference Reference { get; }

    public void Dispose()
    {
        Proxy.Dispose();
        Sandbox.Dispose();
        Registry.Dispose();
        GC.SuppressFinalize(this);
    }
}
