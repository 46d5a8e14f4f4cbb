namespace Sampan.Registry;

/// <summary>
/// The user's credentials, wherever Docker and containers' tools keep them: looked for in each file in turn, written to one.
/// </summary>
public sealed class CredentialStore
{
    private const string DockerHubKey = "https://index.docker.io/v1/";
    private readonly IReadOnlyList<CredentialFile> _files;
    private readonly CredentialFile _written;

    /// <summary>Makes the store of files.</summary>
    /// <param name="files">The files in the order in which they are searched.</param>
    /// <param name="written">The one that a login writes to.</param>
    public CredentialStore(IReadOnlyList<CredentialFile> files, CredentialFile written) => (_files, _written) = (files, written);

    /// <summary>
    /// The store of this process's user: <c>$REGISTRY_AUTH_FILE</c> alone where it is set; else <c>$XDG_RUNTIME_DIR/containers/auth.json</c>,
    /// <c>$XDG_CONFIG_HOME/containers/auth.json</c> and <c>$DOCKER_CONFIG/config.json</c> (<c>~/.docker/config.json</c>), of which the last is written: every engine reads it.
    /// </summary>
    /// <param name="path">A file that is the only one, whatever the environment says; or null.</param>
    public static CredentialStore OfUser(string? path = null)
    {
        if ((path ?? Variable("REGISTRY_AUTH_FILE")) is { } only)
        {
            CredentialFile file = new(only);
            return new CredentialStore([file], file);
        }
        string home = Variable("HOME") ?? "/root";
        List<CredentialFile> files = [];
        if (Variable("XDG_RUNTIME_DIR") is { } runtime)
            files.Add(new CredentialFile(Path.Combine(runtime, "containers/auth.json")));
        files.Add(new CredentialFile(Path.Combine(Variable("XDG_CONFIG_HOME") ?? Path.Combine(home, ".config"), "containers/auth.json")));
        CredentialFile docker = new(Path.Combine(Variable("DOCKER_CONFIG") ?? Path.Combine(home, ".docker"), "config.json"));
        files.Add(docker);
        return new CredentialStore(files, docker);
    }

    /// <summary>The credential for a repository: that of the longest part of <c>HOST/PATH</c> that has one; null where there is none.</summary>
    /// <param name="registry">The registry, <c>HOST[:PORT]</c>.</param>
    /// <param name="repository">The repository, or null for the registry itself.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="RegistryException">A file is damaged, or a helper failed.</exception>
    public async Task<Credential?> FindAsync(string registry, string? repository = null, CancellationToken cancellationToken = default)
    {
        List<string> keys = [];
        for (string? path = repository; path is { Length: > 0 }; path = path.LastIndexOf('/') is > 0 and int slash ? path[..slash] : null)
            keys.Add($"{registry}/{path}");
        keys.AddRange(Keys(registry));
        foreach (CredentialFile file in _files)
        {
            if (await file.FindAsync(keys, cancellationToken).ConfigureAwait(false) is { } credential)
                return credential;
        }
        return null;
    }

    /// <summary>Keeps a registry's credential. Ask the registry first whether it is right (see the client's login).</summary>
    /// <returns>The file that holds it, unencrypted; null where a helper keeps it.</returns>
    /// <exception cref="RegistryException">The file is damaged or cannot be written, or a helper failed.</exception>
    public async Task<string?> StoreAsync(string registry, Credential credential, CancellationToken cancellationToken = default) =>
        await _written.StoreAsync(Keys(registry)[^1], credential, cancellationToken).ConfigureAwait(false) ? null : _written.Path;

    /// <summary>Forgets a registry's credential in every file; false when none had it.</summary>
    /// <exception cref="RegistryException">A file is damaged or cannot be written, or a helper failed.</exception>
    public async Task<bool> EraseAsync(string registry, CancellationToken cancellationToken = default)
    {
        bool known = false;
        foreach (CredentialFile file in _files)
            known |= await file.EraseAsync(Keys(registry), cancellationToken).ConfigureAwait(false);
        return known;
    }

    /// <summary>Forgets every registry's credential in every file; false when there was none.</summary>
    /// <exception cref="RegistryException">A file is damaged or cannot be written, or a helper failed.</exception>
    public async Task<bool> EraseAllAsync(CancellationToken cancellationToken = default)
    {
        bool known = false;
        foreach (CredentialFile file in _files)
            known |= await file.EraseAllAsync(cancellationToken).ConfigureAwait(false);
        return known;
    }

    // Docker keeps its Hub's under the address of a service that is long gone.
    private static string[] Keys(string registry) => registry is ImageReference.DefaultRegistry or "index.docker.io" or "registry-1.docker.io"
        ? [ImageReference.DefaultRegistry, "registry-1.docker.io", "index.docker.io", DockerHubKey]
        : [registry];

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
