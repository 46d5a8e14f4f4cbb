using System.Diagnostics;
using System.Globalization;

namespace Sampan.Tests.Conformance;

/// <summary>
/// A container engine of others that runs its containers by <see cref="RuntimeUnderTest"/>. Made once for each class of tests, with the image
/// imported; where the peer cannot be had, <see cref="Ready"/> skips the test with the reason.
/// </summary>
public abstract class Engine : IDisposable
{
    private readonly string? _unavailable;
    private int _names;

    /// <summary>Installs and starts the engine called <paramref name="name"/>.</summary>
    protected Engine(string name)
    {
        try
        {
            Install();
            Sandbox = new EngineSandbox(name);
            string archive = Path.Combine(Sandbox.Directory, "image.tar");
            BusyboxImage.Write(archive);
            Start(Sandbox, archive);
        }
        catch (PeerUnavailableException unavailable)
        {
            _unavailable = unavailable.Message;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Where the engine runs; null when it could not be had.</summary>
    protected EngineSandbox? Sandbox { get; }

    /// <summary>The sandbox, or a skip of the calling test.</summary>
    public EngineSandbox Ready()
    {
        Assert.SkipWhen(Sandbox is null || _unavailable is not null, _unavailable ?? "no sandbox");
        return Sandbox!;
    }

    /// <summary>A container name that no other test uses.</summary>
    public string NewName() => string.Create(CultureInfo.InvariantCulture, $"sampan-{Interlocked.Increment(ref _names)}");

    /// <inheritdoc/>
    public void Dispose()
    {
        Sandbox?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Polls <paramref name="condition"/> until it holds; what engines tell nobody (a log line written, a state reached) has no other way.</summary>
    /// <exception cref="TimeoutException">It did not hold within twenty seconds.</exception>
    public static void Eventually(string what, Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(start) > TimeSpan.FromSeconds(20))
            {
                throw new TimeoutException($"{what}: not within 20 s");
            }

            using ManualResetEventSlim pause = new();
            _ = pause.Wait(50);
        }
    }

    /// <summary>Installs the engine's packages.</summary>
    protected abstract void Install();

    /// <summary>Starts what must run and imports the image from <paramref name="archive"/>.</summary>
    protected abstract void Start(EngineSandbox sandbox, string archive);
}

/// <summary>An engine with Docker's command line: <c>docker</c> or <c>podman</c>.</summary>
/// <param name="name">Its name.</param>
public abstract class DockerLikeEngine(string name) : Engine(name)
{
    /// <summary>The client and the options that name this engine rather than the machine's own.</summary>
    protected abstract string[] Client(EngineSandbox sandbox);

    /// <summary>Where this engine keeps what its daemon said; null for an engine without one.</summary>
    public abstract string? DaemonLog { get; }

    /// <summary>Whether <c>inspect</c> tells of an out-of-memory kill: Podman 4.3 does not, with whatever runtime.</summary>
    public abstract bool ReportsOutOfMemory { get; }

    /// <summary>Whether the engine applies a seccomp filter of its own to every container.</summary>
    public abstract bool FiltersSystemCalls { get; }

    /// <summary>Runs one command of the client.</summary>
    public CommandResult Do(params string[] arguments) => DoWithInput(null, arguments);

    /// <summary>Runs one command of the client with <paramref name="input"/> on its standard input.</summary>
    public CommandResult DoWithInput(string? input, params string[] arguments)
    {
        string[] client = Client(Ready());
        return Ready().Run(client[0], [.. client[1..], .. arguments], input);
    }

    /// <summary>Runs <c>run</c> with this engine's control group.</summary>
    public CommandResult RunContainer(params string[] arguments) => Do(["run", "--network=none", .. Own(), .. arguments]);

    /// <summary>Starts a container that only waits, and returns its name.</summary>
    public string RunDetached(params string[] arguments)
    {
        string container = NewName();
        _ = RunContainer(["-d", "--name", container, .. arguments]).Expect(0);
        return container;
    }

    /// <summary>Runs one command of the client at a terminal of its own, 40 lines by 100 columns.</summary>
    public CommandResult DoAtTerminal(string arguments, string input)
    {
        string client = string.Join(' ', Client(Ready()));
        return Ready().Run("/usr/bin/script", ["-qec", $"stty rows 40 cols 100; {client} {arguments}", "/dev/null"], input);
    }

    /// <summary>Removes <paramref name="container"/>, running or not.</summary>
    public void Remove(string container) => Do("rm", "-f", container).Expect(0);

    /// <summary>One value that <c>inspect</c> tells of <paramref name="container"/>.</summary>
    public string Inspect(string container, string format) => Do("inspect", "--format", format, container).Expect(0).Text;

    private string[] Own() => [$"--cgroup-parent=/{Ready().CgroupParent}"];
}
