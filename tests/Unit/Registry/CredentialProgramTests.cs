using Sampan.Registry;
using Sampan.Tests.Unit.Kernel;

namespace Sampan.Tests.Unit.Registry;

/// <summary>Credential helpers by their protocol, with one written as a shell script that keeps each server in a file.</summary>
public sealed class CredentialProgramTests : IDisposable
{
    private readonly TestDirectory _directory = new();
    private readonly string? _path = Environment.GetEnvironmentVariable("PATH");

    public CredentialProgramTests()
    {
        string program = _directory["docker-credential-sampantest"];
        File.WriteAllText(program, $$"""
            #!/bin/sh
            cd {{_directory.Path}}
            case $1 in
            get) read -r server; [ "$server" = bad.io ] && { echo no keyring; exit 1; }
                 [ "$server" = odd.io ] && { echo '{"Secret":"topsecret'; exit 0; }
                 [ -f kept ] && grep -q "$server" kept && cat kept && exit 0; echo credentials not found in native keychain; exit 1;;
            store) cat > kept;;
            erase) rm -f kept;;
            esac
            """);
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Environment.SetEnvironmentVariable("PATH", $"{_directory.Path}:{_path}");
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("PATH", _path);
        _directory.Dispose();
    }

    [Theory]
    [InlineData("{\"credsStore\":\"sampantest\"}")]
    [InlineData("{\"credHelpers\":{\"r.io\":\"sampantest\"}}")]
    public async Task The_helper_keeps_what_the_file_does_not(string text)
    {
        CancellationToken never = TestContext.Current.CancellationToken;
        File.WriteAllText(_directory["config.json"], text);
        CredentialFile file = new(_directory["config.json"]);
        CredentialStore store = new([file], file);
        Assert.Null(await store.FindAsync("r.io", "x/y", never));
        await store.StoreAsync("r.io", new Credential("me", "topsecret"), never);
        Assert.DoesNotContain("topsecret", await File.ReadAllTextAsync(file.Path, never));
        Assert.Equal("topsecret", (await store.FindAsync("r.io", "x/y", never))!.Password);
        await store.StoreAsync("r.io", Credential.OfIdentityToken("identity"), never);
        Assert.Equal("identity", (await store.FindAsync("r.io", null, never))!.IdentityToken);
        Assert.True(await store.EraseAsync("r.io", never));
        Assert.Null(await store.FindAsync("r.io", null, never));
        Assert.False(await store.EraseAsync("r.io", never));
    }

    [Theory]
    [InlineData("sampantest", "bad.io", "no keyring")]
    [InlineData("sampantest", "odd.io", "did not answer")]
    [InlineData("sampannosuch", "r.io", "install it")]
    [InlineData("../x", "r.io", "not the name")]
    public async Task A_helpers_failure_is_said_without_the_secret(string name, string server, string cause)
    {
        RegistryException failure = await Assert.ThrowsAsync<RegistryException>(async () => await new CredentialProgram(name).GetAsync(server, TestContext.Current.CancellationToken));
        Assert.Contains(cause, failure.Message);
        Assert.DoesNotContain("topsecret", failure.ToString());
    }
}
