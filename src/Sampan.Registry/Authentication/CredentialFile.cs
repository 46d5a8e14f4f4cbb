using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sampan.Registry;

/// <summary>
/// A file of credentials in the form that Docker (<c>config.json</c>) and containers' tools (<c>auth.json</c>, containers-auth.json(5)) share:
/// <c>auths</c> with name and password in base64 by server, <c>credHelpers</c> and <c>credsStore</c>. What else the file holds is kept when it is
/// written. It is written as a whole beside the old one, readable by its owner alone, and renamed over it; a lock beside it keeps two writers apart.
/// </summary>
public sealed class CredentialFile
{
    private const UnixFileMode OwnerAlone = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(10);

    /// <summary>Makes the file of a path; it need not exist.</summary>
    public CredentialFile(string path) => Path = path;

    /// <summary>Where it lies.</summary>
    public string Path { get; }

    /// <summary>The first credential, or helper that has one, of the keys in their order; null where there is none.</summary>
    /// <exception cref="RegistryException">The file is damaged, or a helper failed.</exception>
    public async Task<Credential?> FindAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken = default)
    {
        if (Read() is not { } root)
            return null;
        foreach (string key in keys)
        {
            string? name = Text((root["credHelpers"] as JsonObject)?[key]);
            if (name is { Length: > 0 } && await new CredentialProgram(name).GetAsync(key, cancellationToken).ConfigureAwait(false) is { } kept)
                return kept;
        }
        JsonObject? auths = root["auths"] as JsonObject;
        string? store = Text(root["credsStore"]);
        foreach (string key in keys)
        {
            if (Entry(auths, key) is not { } entry)
                continue;
            if (Decode(entry, key) is { } credential)
                return credential;
            // An entry without content says that the store has it.
            if (store is { Length: > 0 } && await new CredentialProgram(store).GetAsync(key, cancellationToken).ConfigureAwait(false) is { } stored)
                return stored;
        }
        if (store is not { Length: > 0 })
            return null;
        return await new CredentialProgram(store).GetAsync(keys[^1], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Keeps a credential, in the helper that the file names for the key or in the file itself.</summary>
    /// <returns>Whether a helper has it; else the file itself does, which encrypts nothing.</returns>
    /// <exception cref="RegistryException">The file is damaged or cannot be written, or a helper failed.</exception>
    public async Task<bool> StoreAsync(string key, Credential credential, CancellationToken cancellationToken = default)
    {
        JsonObject? before = Read();
        CredentialProgram? helper = HelperOf(before, key);
        if (helper is not null)
            await helper.StoreAsync(key, credential, cancellationToken).ConfigureAwait(false);
        await ChangeAsync(root =>
        {
            if (root["auths"] is not JsonObject auths)
                root["auths"] = auths = [];
            JsonObject entry = [];
            if (helper is null)
            {
                entry["auth"] = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credential.UserName}:{credential.Password}"));
                if (credential.IdentityToken is { } token)
                    entry["identitytoken"] = token;
            }
            auths[key] = entry;
            return true;
        }, cancellationToken).ConfigureAwait(false);
        return helper is not null;
    }

    /// <summary>Forgets all that the file has or has a helper for.</summary>
    /// <exception cref="RegistryException">The file is damaged or cannot be written, or a helper failed.</exception>
    public Task<bool> EraseAllAsync(CancellationToken cancellationToken = default)
    {
        JsonObject? root = Read();
        IEnumerable<string> Keys(string section) => (root?[section] as JsonObject)?.Select(static one => one.Key) ?? [];
        return EraseAsync([.. Keys("auths"), .. Keys("credHelpers").Except(Keys("auths"))], cancellationToken);
    }

    /// <summary>Forgets the keys; false when none was known.</summary>
    /// <exception cref="RegistryException">The file is damaged or cannot be written, or a helper failed.</exception>
    public async Task<bool> EraseAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken = default)
    {
        if (Read() is not { } before)
            return false;
        bool known = false;
        foreach (string key in keys)
        {
            if (HelperOf(before, key) is not { } helper || (Entry(before["auths"] as JsonObject, key) is null && (before["credHelpers"] as JsonObject)?[key] is null))
                continue;
            known |= await helper.GetAsync(key, cancellationToken).ConfigureAwait(false) is not null;
            await helper.EraseAsync(key, cancellationToken).ConfigureAwait(false);
        }
        await ChangeAsync(root =>
        {
            bool changed = false;
            foreach (string key in keys)
                changed |= root["auths"] is JsonObject auths && auths.Remove(key);
            known |= changed;
            return changed;
        }, cancellationToken).ConfigureAwait(false);
        return known;
    }

    private static CredentialProgram? HelperOf(JsonObject? root, string key)
    {
        string? name = Text((root?["credHelpers"] as JsonObject)?[key]) ?? Text(root?["credsStore"]);
        return name is { Length: > 0 } ? new CredentialProgram(name) : null;
    }

    // Docker also finds https://HOST/v1/ for HOST (cli/config/credentials, ConvertToHostname).
    private static JsonObject? Entry(JsonObject? auths, string key)
    {
        if (auths is null)
            return null;
        if (auths[key] is JsonObject exact)
            return exact;
        foreach ((string name, JsonNode? value) in auths)
        {
            int scheme = name.IndexOf("://", StringComparison.Ordinal);
            if (scheme > 0 && name[(scheme + 3)..].Split('/')[0] == key && value is JsonObject entry)
                return entry;
        }
        return null;
    }

    private Credential? Decode(JsonObject entry, string key)
    {
        string? token = Text(entry["identitytoken"]), auth = Text(entry["auth"]);
        (string user, string password) = (Text(entry["username"]) ?? "", Text(entry["password"]) ?? "");
        if (auth is { Length: > 0 })
        {
            byte[] bytes = new byte[auth.Length];
            if (!Convert.TryFromBase64String(auth, bytes, out int length) || Encoding.UTF8.GetString(bytes, 0, length).TrimEnd('\0').Split(':', 2) is not [string name, string secret])
                throw new RegistryException(RegistryErrorKind.InvalidArgument, $"{Path}: the entry of {key} is not NAME:PASSWORD in base64: log in again");
            (user, password) = (name, secret);
        }
        if (token is { Length: > 0 })
            return Credential.OfIdentityToken(token, user);
        return user.Length == 0 && password.Length == 0 ? null : new Credential(user, password);
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private JsonObject? Read()
    {
        try
        {
            byte[] bytes = File.ReadAllBytes(Path);
            return bytes.Length == 0 ? null : JsonNode.Parse(bytes) as JsonObject ?? throw new JsonException();
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException)
        {
            // Not the cause: its message can hold what stands in the file.
            throw new RegistryException(RegistryErrorKind.InvalidArgument, $"{Path} is not a JSON object: mend it, or move it away and log in again");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new RegistryException(RegistryErrorKind.Failed, $"the credentials in {Path} cannot be read: {failure.Message}", failure);
        }
    }

    private async Task ChangeAsync(Func<JsonObject, bool> change, CancellationToken cancellationToken)
    {
        try
        {
            // A link, as people have who keep their settings elsewhere, stays one.
            string target = System.IO.Path.GetFullPath(Path);
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!, OwnerAlone | UnixFileMode.UserExecute);
            if (new FileInfo(target) is { LinkTarget: not null } link)
                target = link.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
            await using FileStream gate = await LockAsync(target + ".lock", cancellationToken).ConfigureAwait(false);
            JsonObject root = Read() ?? [];
            if (change(root))
                Replace(target, root.ToJsonString(Indented) + "\n");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new RegistryException(RegistryErrorKind.Failed, $"the credentials in {Path} cannot be written: {failure.Message}", failure);
        }
    }

    private static void Replace(string target, string text)
    {
        string temporary = $"{target}.{Guid.NewGuid():N}";
        try
        {
            using (FileStream file = new(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerAlone }))
            {
                file.Write(Encoding.UTF8.GetBytes(text));
                file.Flush(flushToDisk: true);
            }
            File.Move(temporary, target, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    // FileShare.None is flock(2) without waiting; whoever holds it does so for milliseconds.
    private static async Task<FileStream> LockAsync(string path, CancellationToken cancellationToken)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return new FileStream(path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, UnixCreateMode = OwnerAlone });
            }
            catch (IOException) when (TimeProvider.System.GetElapsedTime(start) < LockPatience && File.Exists(path))
            {
                await Task.Delay(10, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
