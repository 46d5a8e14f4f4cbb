using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Sampan.Tests.Conformance;

namespace Sampan.Tests.Integration.Registry;

/// <summary>Debian's docker-registry (distribution 2.8) on loopback, in a directory of its own; it ends, and its directory goes, with the test.</summary>
internal sealed class DebianRegistry : IDisposable
{
    private readonly DirectoryInfo _directory;
    private readonly Process _process;

    private DebianRegistry(DirectoryInfo directory, Process process, int port) => (_directory, _process, Port) = (directory, process, port);

    public int Port { get; }

    public string Name => $"127.0.0.1:{Port}";

    /// <summary>Starts it.</summary>
    /// <param name="http">What stands below <c>http:</c>, beside the address.</param>
    /// <param name="rest">Other sections, for instance <c>auth:</c>.</param>
    public static DebianRegistry Start(string http = "", string rest = "")
    {
        try
        {
            DebianPackages.Require(["/usr/bin/docker-registry"], ["docker-registry"]);
        }
        catch (PeerUnavailableException absent)
        {
            Assert.Skip(absent.Message);
        }
        DirectoryInfo directory = Directory.CreateTempSubdirectory("sampan-registry-");
        int port = FreePort();
        string configuration = Path.Combine(directory.FullName, "config.yml");
        File.WriteAllText(configuration, $"""
            version: 0.1
            log: {"{"}level: error, accesslog: {"{"}disabled: true{"}"}{"}"}
            storage:
              filesystem: {"{"}rootdirectory: {directory.FullName}/data{"}"}
              delete: {"{"}enabled: true{"}"}
            http:
              addr: 127.0.0.1:{port}
              secret: sampan
            {http}
            {rest}

            """);
        ProcessStartInfo start = new("/bin/sh", ["-c", $"exec /usr/bin/docker-registry serve '{configuration}' >'{directory.FullName}/log' 2>&1"]) { Environment = { ["OTEL_TRACES_EXPORTER"] = "none" } };
        DebianRegistry registry = new(directory, Process.Start(start)!, port);
        registry.WaitUntilItListens();
        return registry;
    }

    /// <summary>Starts it with one user, by a password.</summary>
    public static DebianRegistry StartWithPassword(TestCertificates files, string user, string password, string http = "")
    {
        try
        {
            DebianPackages.Require(["/usr/bin/htpasswd"], ["apache2-utils"]);
        }
        catch (PeerUnavailableException absent)
        {
            Assert.Skip(absent.Message);
        }
        File.WriteAllText(files["htpasswd"], Command.Run("/usr/bin/htpasswd", ["-Bbn", user, password]).Expect(0).Output);
        return Start(http, $"auth:\n  htpasswd:\n    realm: sampan\n    path: {files["htpasswd"]}");
    }

    /// <summary>A port that nobody listened on a moment ago.</summary>
    public static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _directory.Delete(recursive: true);
    }

    private void WaitUntilItListens()
    {
        Stopwatch passed = Stopwatch.StartNew();
        while (passed.Elapsed < TimeSpan.FromSeconds(20) && !_process.WaitForExit(20))
        {
            try
            {
                using TcpClient client = new("127.0.0.1", Port);
                return;
            }
            catch (SocketException)
            {
                // Not yet.
            }
        }
        string log = File.ReadAllText(Path.Combine(_directory.FullName, "log"));
        Dispose();
        Assert.Fail($"docker-registry does not listen: {log}");
    }
}
