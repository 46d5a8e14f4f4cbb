namespace Sampan.Tests.Conformance;

/// <summary>A peer that cannot be had on this machine, and why: its tests are skipped with this message.</summary>
/// <param name="message">One sentence.</param>
public sealed class PeerUnavailableException(string message) : Exception(message);

/// <summary>Installs the peers' Debian packages without starting their services.</summary>
public static class DebianPackages
{
    private const string PolicyFile = "/usr/sbin/policy-rc.d";
    private static readonly Lock Gate = new();

    /// <summary>Makes sure that <paramref name="programs"/> (absolute paths) are there, by installing <paramref name="packages"/> where one is missing.</summary>
    /// <exception cref="PeerUnavailableException">This is not root, or apt-get refused.</exception>
    public static void Require(string[] programs, string[] packages)
    {
        lock (Gate)
        {
            if (!Environment.IsPrivilegedProcess)
            {
                throw new PeerUnavailableException("needs root: engines are installed and started by the tests");
            }

            if (programs.All(File.Exists))
            {
                return;
            }

            Install(packages);
            string? missing = programs.FirstOrDefault(program => !File.Exists(program));
            if (missing is not null)
            {
                throw new PeerUnavailableException($"{missing} is not there after installing {string.Join(' ', packages)}");
            }
        }
    }

    private static void Install(string[] packages)
    {
        if (!File.Exists("/usr/bin/apt-get"))
        {
            throw new PeerUnavailableException($"this system has no apt-get to install {string.Join(' ', packages)}");
        }

        // invoke-rc.d and deb-systemd-invoke ask this file; 101 forbids the start of the packages' own daemons.
        bool ownPolicy = !File.Exists(PolicyFile);
        if (ownPolicy)
        {
            File.WriteAllText(PolicyFile, "#!/bin/sh\nexit 101\n");
            _ = Command.Run("/bin/chmod", ["755", PolicyFile]).Expect(0);
        }

        try
        {
            CommandResult result = AptGet(packages);
            if (result.ExitCode != 0)
            {
                _ = Command.Run("/usr/bin/apt-get", ["update", "-qq"]);
                result = AptGet(packages);
            }

            if (result.ExitCode != 0)
            {
                throw new PeerUnavailableException($"apt-get could not install {string.Join(' ', packages)}: {result.Error.Trim().ReplaceLineEndings(" ")}");
            }
        }
        finally
        {
            if (ownPolicy)
            {
                File.Delete(PolicyFile);
            }
        }
    }

    private static CommandResult AptGet(string[] packages) => Command.Run(
        "/usr/bin/env",
        ["DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1", "apt-get", "install", "-y", "-qq", "--no-install-recommends", .. packages]);
}
