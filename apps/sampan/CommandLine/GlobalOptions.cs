using System.CommandLine;
using Sampan.Engine;
using Sampan.Engine.Settings;
using Sampan.Kernel;
using Sampan.Oci;
using Sampan.Registry;

namespace Sampan.Command.CommandLine;

/// <summary>The options of <c>sampan</c> itself, before the verb.</summary>
internal static class GlobalOptions
{
    private static readonly Option<string?> s_root = new("--root") { Description = "where images and containers are (SAMPAN_ROOT; /var/lib/sampan)", HelpName = "DIR" };

    private static readonly Option<string?> s_runRoot = new("--run-root") { Description = "where sockets are (/run/sampan; with --root alone: DIR/run)", HelpName = "DIR" };

    private static readonly Option<string?> s_config = new("--config") { Description = "the settings (/etc/sampan/sampan.toml; a user's ~/.config/sampan/sampan.toml)", HelpName = "FILE" };

    private static readonly Option<bool> s_debug = new("--debug") { Description = "say more on standard error" };

    private static readonly Option<string?> s_logFormat = new("--log-format") { Description = "messages as text or json", HelpName = "FORMAT" };

    private static readonly Option<string?> s_runtime = new("--runtime") { Description = "the OCI runtime of new containers, by name or path (SAMPAN_RUNTIME; sampan-runtime)", HelpName = "RUNTIME" };

    public static IReadOnlyList<Option> All => [s_root, s_runRoot, s_config, s_debug, s_logFormat, s_runtime];

    /// <summary>The engine that the options name.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="runtime">A command's own choice of the runtime.</param>
    /// <exception cref="EngineException">An option is wrong.</exception>
    public static ContainerEngine Engine(ParseResult parsed, string? runtime = null)
    {
        Prepare(parsed);
        Places places = Places.Choose(parsed.GetValue(s_root), parsed.GetValue(s_runRoot), Syscalls.GetEuid());
        if (Syscalls.GetEuid() != 0)
            throw new EngineException(ErrorKind.Failed, "this version makes containers as root only; run it as root (sudo sampan …)");
        Output.Debug($"root {places.Root}, run root {places.RunRoot}");
        return new ContainerEngine(places, runtime ?? parsed.GetValue(s_runtime) ?? Environment.GetEnvironmentVariable("SAMPAN_RUNTIME")) { SettingsSource = () => Settings(parsed) };
    }
    /// <summary>The registries alone, for commands that need no root and that any user may give.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="authFile">The only file of credentials; null for the user's.</param>
    /// <exception cref="EngineException">An option is wrong.</exception>
    public static RegistryClient Registries(ParseResult parsed, string? authFile = null)
    {
        Prepare(parsed);
        return new RegistryClient(Settings(parsed), CredentialStore.OfUser(authFile));
    }

    private static void Prepare(ParseResult parsed)
    {
        Output.DebugEnabled = parsed.GetValue(s_debug);
        Output.Json = parsed.GetValue(s_logFormat) switch
        {
            null or "text" => false,
            "json" => true,
            string other => throw new CommandLineException($"--log-format \"{Printable.Escape(other)}\" is neither text nor json"),
        };
        if (parsed.GetValue(s_config) is { } config && !File.Exists(config))
            throw new EngineException(ErrorKind.NotFound, $"the settings file \"{Printable.Escape(config)}\" is {(Directory.Exists(config) ? "a directory" : "not there")}");
    }

    private static RegistrySettings Settings(ParseResult parsed) => SettingsFile.ReadRegistries(parsed.GetValue(s_config) ?? SettingsFile.Find(Syscalls.GetEuid()));
}
