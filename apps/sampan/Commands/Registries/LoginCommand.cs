using System.CommandLine;
using System.Text;
using Sampan.Command.CommandLine;
using Sampan.Kernel;
using Sampan.Registry;

namespace Sampan.Command.Commands.Registries;

/// <summary><c>sampan login</c>.</summary>
internal static class LoginCommand
{
    private const int MaximumPassword = 64 * 1024;
    private static readonly Option<string?> s_user = new("--username", "-u") { Description = "the name (asked for at a terminal)", HelpName = "USER" };
    private static readonly Option<string?> s_password = new("--password", "-p") { Description = "the password; every process of this machine can see it there", HelpName = "PASSWORD" };
    private static readonly Option<bool> s_passwordStdin = new("--password-stdin") { Description = "take the password from standard input" };
    private static readonly Option<string?> s_authFile = AuthFile();
    private static readonly Argument<string?> s_server = new("SERVER") { Arity = ArgumentArity.ZeroOrOne };

    public static System.CommandLine.Command Create()
    {
        var command = new System.CommandLine.Command("login", "Prove to a registry who you are, and keep the proof") { s_user, s_password, s_passwordStdin, s_authFile, s_server };
        command.SetAction(static parsed => Interrupt.Run(token => RunAsync(parsed, token)));
        return command;
    }

    /// <summary>The option for another file of credentials.</summary>
    public static Option<string?> AuthFile() => new("--authfile") { Description = "the file of credentials (REGISTRY_AUTH_FILE; ~/.docker/config.json)", HelpName = "FILE" };

    /// <summary>The registry that a user means: without one the first of the search list, else Docker Hub; of an address its host.</summary>
    public static string Registry(string? server, RegistryClient client)
    {
        if (server is not { Length: > 0 })
            return client.SearchRegistries[0];
        int scheme = server.IndexOf("://", StringComparison.Ordinal);
        string host = scheme < 0 ? server.TrimEnd('/') : server[(scheme + 3)..].Split('/')[0];
        return host == "index.docker.io" ? ImageReference.DefaultRegistry : host;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using RegistryClient client = GlobalOptions.Registries(parsed, parsed.GetValue(s_authFile));
        string registry = Registry(parsed.GetValue(s_server), client);
        string? user = parsed.GetValue(s_user), password = GivenPassword(parsed);
        Credential? known = user is null && password is null ? await client.FindLoginAsync(registry, cancellationToken).ConfigureAwait(false) : null;
        if (known is not null)
        {
            Output.Line($"Authenticating with existing credentials... [Username: {known.UserName}]");
            try
            {
                return Done(await client.LoginAsync(registry, known, cancellationToken).ConfigureAwait(false));
            }
            catch (RegistryException refused) when (refused.Kind == RegistryErrorKind.Unauthorized && Syscalls.IsTerminal(Output.In))
            {
                Output.Warning(refused.Message);
            }
        }
        if ((user is null || password is null) && !Syscalls.IsTerminal(Output.In))
            throw new CommandLineException("the input is not a terminal at which name and password could be asked for; give --username and --password-stdin");
        string hint = known is { UserName.Length: > 0 } ? $" ({known.UserName})" : "";
        user ??= Prompt.Ask($"Username{hint}: ", isSecret: false, cancellationToken).Trim();
        if (user.Length == 0)
            user = known?.UserName ?? "";
        password ??= Prompt.Ask("Password: ", isSecret: true, cancellationToken);
        if (user.Length == 0 || password.Length == 0)
            throw new CommandLineException("a login needs a name and a password, and one of them is empty");
        return Done(await client.LoginAsync(registry, new Credential(user, password), cancellationToken).ConfigureAwait(false));
    }

    private static int Done(string? file)
    {
        if (file is not null)
            Output.Warning($"the password is kept unencrypted in {file}; a credential helper (credsStore there) would keep it better");
        Output.Line("Login Succeeded");
        return 0;
    }

    private static string? GivenPassword(ParseResult parsed)
    {
        string? password = parsed.GetValue(s_password);
        if (password is not null)
            _ = Output.Write(Output.Err, "WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n"u8);
        if (!parsed.GetValue(s_passwordStdin))
            return password;
        if (password is not null)
            throw new CommandLineException("--password and --password-stdin are mutually exclusive");
        if (parsed.GetValue(s_user) is null)
            throw new CommandLineException("Must provide --username with --password-stdin");
        byte[] input = new byte[MaximumPassword];
        int length = 0;
        for (int read = 1; read > 0 && length < input.Length; length += read)
            read = Syscalls.Read(Output.In, input.AsSpan(length));
        return Encoding.UTF8.GetString(input, 0, length).TrimEnd('\n', '\r');
    }
}
