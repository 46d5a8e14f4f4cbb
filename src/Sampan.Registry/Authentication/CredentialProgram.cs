using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Sampan.Oci;
using Process = System.Diagnostics.Process;

namespace Sampan.Registry;

/// <summary>
/// A program <c>docker-credential-NAME</c> that keeps credentials for Docker and others (the protocol of docker-credential-helpers: the verb is the
/// argument, the server comes on standard input, JSON on standard output).
/// </summary>
public sealed class CredentialProgram
{
    // What a keyring that waits for its user's password may take.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private const int MaximumOutput = 1 << 20;
    private readonly string _name;

    /// <summary>Makes the helper of a name.</summary>
    /// <exception cref="RegistryException">The name could lead out of the search path.</exception>
    public CredentialProgram(string name) => _name = name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
        ? name
        : throw new RegistryException(RegistryErrorKind.InvalidArgument, $"\"{Printable.Excerpt(name, 40)}\" is not the name of a credential helper: it is what follows docker-credential- in the program's name");

    private string Program => "docker-credential-" + _name;

    /// <summary>The credential of a server; null where the helper has none.</summary>
    /// <exception cref="RegistryException">The helper is not there or failed.</exception>
    public async Task<Credential?> GetAsync(string server, CancellationToken cancellationToken = default)
    {
        (int status, string output) = await RunAsync("get", server, cancellationToken).ConfigureAwait(false);
        if (status != 0)
        {
            if (output.Contains("credentials not found", StringComparison.OrdinalIgnoreCase))
                return null;
            throw Failed("get", output);
        }
        try
        {
            using JsonDocument document = JsonDocument.Parse(output);
            string user = document.RootElement.GetProperty("Username").GetString() ?? "", secret = document.RootElement.GetProperty("Secret").GetString() ?? "";
            return secret.Length == 0 ? null : user == "<token>" ? Credential.OfIdentityToken(secret) : new Credential(user, secret);
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            // Not the cause: its message can hold a piece of the secret.
            throw new RegistryException(RegistryErrorKind.Failed, $"{Program} get did not answer with ServerURL, Username and Secret in JSON: log in again, or use another helper");
        }
    }

    /// <summary>Has the helper keep a credential.</summary>
    /// <exception cref="RegistryException">The helper is not there or failed.</exception>
    public async Task StoreAsync(string server, Credential credential, CancellationToken cancellationToken = default)
    {
        using MemoryStream json = new();
        using (Utf8JsonWriter writer = new(json))
        {
            writer.WriteStartObject();
            writer.WriteString("ServerURL", server);
            writer.WriteString("Username", credential.IdentityToken is null ? credential.UserName : "<token>");
            writer.WriteString("Secret", credential.IdentityToken ?? credential.Password);
            writer.WriteEndObject();
        }
        (int status, _) = await RunAsync("store", Encoding.UTF8.GetString(json.ToArray()), cancellationToken).ConfigureAwait(false);
        if (status != 0)
            throw new RegistryException(RegistryErrorKind.Failed, $"{Program} store ended with {status}: see whether its keyring is unlocked");
    }

    /// <summary>Has the helper forget a server; not to know it is no error.</summary>
    /// <exception cref="RegistryException">The helper is not there or failed.</exception>
    public async Task EraseAsync(string server, CancellationToken cancellationToken = default)
    {
        (int status, string output) = await RunAsync("erase", server, cancellationToken).ConfigureAwait(false);
        if (status != 0 && !output.Contains("credentials not found", StringComparison.OrdinalIgnoreCase))
            throw Failed("erase", output);
    }

    private RegistryException Failed(string verb, string output) =>
        new(RegistryErrorKind.Failed, $"{Program} {verb} failed: {Printable.Excerpt(output.Trim(), 200)}");

    private async Task<(int Status, string Output)> RunAsync(string verb, string input, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        using Process process = new() { StartInfo = new ProcessStartInfo(Program, [verb]) { RedirectStandardInput = true, RedirectStandardOutput = true } };
        try
        {
            process.Start();
        }
        catch (Win32Exception missing)
        {
            throw new RegistryException(RegistryErrorKind.Failed, $"{Program}, which the credentials' file names, cannot be started ({missing.Message}): install it, or take it out of credsStore and credHelpers", missing);
        }
        try
        {
            try
            {
                await process.StandardInput.WriteAsync(input.AsMemory(), limit.Token).ConfigureAwait(false);
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // It ended without reading; its status says why.
            }
            char[] buffer = new char[MaximumOutput];
            int length = await process.StandardOutput.ReadBlockAsync(buffer, limit.Token).ConfigureAwait(false);
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            return (process.ExitCode, new string(buffer, 0, length));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            throw new RegistryException(RegistryErrorKind.Failed, $"{Program} {verb} did not end within {Patience.TotalMinutes} minutes");
        }
    }
}
