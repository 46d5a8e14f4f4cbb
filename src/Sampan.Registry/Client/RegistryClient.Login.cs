namespace Sampan.Registry;

/// <content>Who the user is.</content>
public sealed partial class RegistryClient
{
    /// <summary>
    /// Asks a registry whether a credential is right, and keeps it when it is: the identity token in the password's place where the token server
    /// gives one.
    /// </summary>
    /// <returns>The file that holds it, unencrypted; null where a credential helper keeps it.</returns>
    /// <exception cref="RegistryException">It is not right, or cannot be kept.</exception>
    public async Task<string?> LoginAsync(string registry, Credential credential, CancellationToken cancellationToken = default)
    {
        using RegistryEndpoint endpoint = new(Checked(registry), "", _settings, _time, (_, _) => Task.FromResult<Credential?>(credential), askIdentity: true);
        try
        {
            (await endpoint.SendAsync(new RegistryRequest(HttpMethod.Get, $"login to {registry}"), cancellationToken).ConfigureAwait(false)).Dispose();
        }
        catch (RegistryException refused) when (refused is { Kind: RegistryErrorKind.Unauthorized, Status: not null })
        {
            throw new RegistryException(RegistryErrorKind.Unauthorized, $"login to {registry}: it refuses this name and password", refused);
        }
        Credential kept = endpoint.OfferedIdentity is { } identity ? Credential.OfIdentityToken(identity, credential.UserName) : credential;
        string? file = await _credentials.StoreAsync(registry, kept, cancellationToken).ConfigureAwait(false);
        Forget(registry);
        return file;
    }

    /// <summary>The credential that is kept for a registry; null where there is none.</summary>
    /// <exception cref="RegistryException">A file is damaged, or a credential helper failed.</exception>
    public Task<Credential?> FindLoginAsync(string registry, CancellationToken cancellationToken = default) => _credentials.FindAsync(Checked(registry), cancellationToken: cancellationToken);

    /// <summary>Forgets a registry's credential; false when there was none.</summary>
    /// <exception cref="RegistryException">The file is damaged or cannot be written, or a credential helper failed.</exception>
    public async Task<bool> LogoutAsync(string registry, CancellationToken cancellationToken = default)
    {
        bool known = await _credentials.EraseAsync(Checked(registry), cancellationToken).ConfigureAwait(false);
        Forget(registry);
        return known;
    }

    /// <summary>Forgets every registry's credential; false when there was none.</summary>
    /// <exception cref="RegistryException">The file is damaged or cannot be written, or a credential helper failed.</exception>
    public async Task<bool> LogoutAllAsync(CancellationToken cancellationToken = default)
    {
        bool known = await _credentials.EraseAllAsync(cancellationToken).ConfigureAwait(false);
        Dispose();
        return known;
    }
}
