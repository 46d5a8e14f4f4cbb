using System.Text.Json;
using Sampan.Kernel;
using Sampan.Tests.Integration.Bundles;
using Sampan.Tests.Integration.Engine;

namespace Sampan.Tests.Integration.Registry;

/// <summary><c>sampan login</c> and <c>logout</c> against Debian's registry with a password.</summary>
public sealed class LoginCommandTests : IDisposable
{
    private const string Password = "pa55 w\u00f6rd:/+";
    private readonly TestCertificates _files = new();
    private readonly SampanCommand _sampan = new();

    public LoginCommandTests() => _sampan.Variables["DOCKER_CONFIG"] = _files["docker"];

    private string Config => Path.Combine(_files["docker"], "config.json");

    public void Dispose()
    {
        _sampan.Dispose();
        _files.Dispose();
    }

    [Fact]
    public void A_right_password_is_kept_as_docker_does_and_nothing_else_is_lost()
    {
        using DebianRegistry registry = DebianRegistry.StartWithPassword(_files, "me", Password);
        Directory.CreateDirectory(_files["docker"]);
        File.WriteAllText(Config, """{"HttpHeaders":{"X":"y"},"auths":{"other.example":{"auth":"YTpi"}}}""");
        CommandResult login = _sampan.RunWithInput(Password + "\n", "login", "-u", "me", "--password-stdin", registry.Name);
        Assert.Equal((0, "Login Succeeded"), (login.ExitCode, login.Trimmed));
        Assert.Contains("unencrypted", login.Error);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Config));
        using JsonDocument kept = JsonDocument.Parse(File.ReadAllText(Config));
        Assert.Equal("y", kept.RootElement.GetProperty("HttpHeaders").GetProperty("X").GetString());
        Assert.Equal("YTpi", Auth(kept, "other.example"));
        Assert.Equal(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"me:{Password}")), Auth(kept, registry.Name));
        Assert.StartsWith("Authenticating with existing credentials... [Username: me]", _sampan.Must("login", registry.Name));
        Assert.Equal($"Removing login credentials for {registry.Name}", _sampan.Must("logout", $"http://{registry.Name}/v2/"));
        Assert.Equal($"Not logged in to {registry.Name}", _sampan.Must("logout", registry.Name));
        Assert.Contains("other.example", File.ReadAllText(Config));
        Assert.Equal("Removed login credentials for all registries", _sampan.Must("logout", "--all"));
        Assert.DoesNotContain("other.example", File.ReadAllText(Config));
    }

    [Fact]
    public void A_wrong_password_is_refused_and_kept_nowhere()
    {
        using DebianRegistry registry = DebianRegistry.StartWithPassword(_files, "me", Password);
        CommandResult login = _sampan.Run("login", "-u", "me", "-p", "wr0ng-one", registry.Name);
        Assert.Equal((1, ""), (login.ExitCode, login.Output));
        Assert.Equal($"WARNING! Using --password via the CLI is insecure. Use --password-stdin.\nsampan: login to {registry.Name}: it refuses this name and password\n", login.Error);
        Assert.False(File.Exists(Config));
    }

    [Theory]
    [InlineData("mutually exclusive", "login", "-u", "me", "-p", "x", "--password-stdin", "r.example")]
    [InlineData("Must provide --username", "login", "--password-stdin", "r.example")]
    [InlineData("not a terminal", "login", "-u", "me", "r.example")]
    [InlineData("not a terminal", "login", "r.example")]
    [InlineData("takes no SERVER", "logout", "--all", "r.example")]
    public void A_wrong_command_line_ends_with_125(string expected, params string[] words)
    {
        CommandResult result = _sampan.Run(words);
        Assert.Equal(125, result.ExitCode);
        Assert.Contains(expected, result.Error);
    }

    [Fact]
    public void A_credential_helper_keeps_it_where_the_file_names_one()
    {
        using DebianRegistry registry = DebianRegistry.StartWithPassword(_files, "me", Password);
        Directory.CreateDirectory(_files["docker"]);
        string program = _files["docker-credential-drawer"], drawer = _files["drawer"];
        File.WriteAllText(program, $"#!/bin/sh\ncase $1 in store) cat >{drawer};; get) cat {drawer} 2>/dev/null || {{ echo credentials not found; exit 1; }};; erase) rm -f {drawer};; esac\n");
        File.SetUnixFileMode(program, (UnixFileMode)0x1ED);
        File.WriteAllText(Config, """{"credsStore":"drawer"}""");
        _sampan.Variables["PATH"] = $"{Path.GetDirectoryName(program)}:{Environment.GetEnvironmentVariable("PATH")}";
        CommandResult login = _sampan.RunWithInput(Password, "login", "-u", "me", "--password-stdin", registry.Name);
        Assert.Equal((0, ""), (login.ExitCode, login.Error));
        Assert.Contains(registry.Name, File.ReadAllText(drawer));
        Assert.Contains("\"drawer\"", File.ReadAllText(Config));
        Assert.DoesNotContain("\"auth\"", File.ReadAllText(Config));
        Assert.StartsWith("Removing", _sampan.Must("logout", registry.Name));
        Assert.False(File.Exists(drawer));
    }

    [Fact]
    public void Another_file_is_taken_where_it_is_named()
    {
        using DebianRegistry registry = DebianRegistry.StartWithPassword(_files, "me", Password);
        string other = _files["auth.json"];
        Assert.Equal(0, _sampan.RunWithInput(Password, "login", "-u", "me", "--password-stdin", "--authfile", other, registry.Name).ExitCode);
        Assert.Contains(registry.Name, File.ReadAllText(other));
        Assert.False(File.Exists(Config));
    }

    [Fact]
    public void At_a_terminal_the_password_is_not_shown_and_an_interrupt_leaves_the_terminal_as_it_was()
    {
        using DebianRegistry registry = DebianRegistry.StartWithPassword(_files, "me", "s3cret-one");
        string[] words = [$"DOCKER_CONFIG={_files["docker"]}", SampanCommand.Program, "login", registry.Name];
        using (var terminal = new Terminal(new TerminalSize(25, 80), "/usr/bin/env", words))
        {
            terminal.WaitFor("Username: ");
            terminal.Press("me\n");
            terminal.WaitFor("Password: ");
            TestBundle.Eventually(() => !terminal.Settings.Echoes, "the echo's end");
            terminal.Press("s3cret-one\n");
            terminal.WaitFor("Login Succeeded");
            Assert.DoesNotContain("s3cret", terminal.Screen);
            terminal.AssertExit(0);
        }
        File.Delete(Config);
        using var cut = new Terminal(new TerminalSize(25, 80), "/usr/bin/env", words);
        cut.WaitFor("Username: ");
        cut.Press("me\n");
        cut.WaitFor("Password: ");
        TestBundle.Eventually(() => !cut.Settings.Echoes, "the echo's end");
        cut.Press("\u0003");
        cut.AssertExit(130);
        Assert.True(cut.Settings.Echoes);
    }

    private static string? Auth(JsonDocument document, string key) => document.RootElement.GetProperty("auths").GetProperty(key).GetProperty("auth").GetString();
}
