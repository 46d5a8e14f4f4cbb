using Sampan.Oci;
using Sampan.Registry;

namespace Sampan.Engine.Settings;

/// <summary>
/// The settings of this machine or user, in TOML (docs/settings.md has every key). Nothing reads it before a command needs what it says, and it need not be there.
/// A key that is not known, or whose value has a wrong type, is an error that names file, line and key: a setting that is passed over in silence is worse than none.
/// </summary>
public static class SettingsFile
{
    /// <summary>The settings of the machine.</summary>
    public const string MachinePath = "/etc/sampan/sampan.toml";

    private const int MaximumLength = 1 << 20;

    /// <summary>The file that counts: the user's own (<c>$XDG_CONFIG_HOME/sampan/sampan.toml</c>) where this is not root and has one, else the machine's.</summary>
    /// <returns>Null where there is none.</returns>
    public static string? Find(uint user)
    {
        if (user != 0)
        {
            string? home = Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") is { Length: > 0 } set ? set
                : Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } own ? Path.Combine(own, ".config") : null;
            if (home is not null && Path.Combine(home, "sampan/sampan.toml") is var users && File.Exists(users))
                return users;
        }
        return File.Exists(MachinePath) ? MachinePath : null;
    }

    /// <summary>Reads how registries are reached.</summary>
    /// <param name="path">The file; null is what holds without one.</param>
    /// <exception cref="EngineException">It cannot be read, is not TOML, or has a key or a value that is not known.</exception>
    public static RegistrySettings ReadRegistries(string? path) => path is null ? new RegistrySettings() : RegistrySection.Of(SettingsDocument.Parse(Text(path), path));

    private static string Text(string path)
    {
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > MaximumLength })
                throw new EngineException(ErrorKind.InvalidArgument, $"the settings file {path} has more than {MaximumLength} bytes");
            return File.ReadAllText(path);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new EngineException(ErrorKind.NotFound, $"the settings file \"{Printable.Escape(path)}\" is not there", failure);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new EngineException(ErrorKind.Failed, $"the settings file \"{Printable.Escape(path)}\" cannot be read: {failure.Message}", failure);
        }
    }
}
