using Sampan.Engine.Containers;
using Sampan.Oci;
using Sampan.Storage.Layers;

namespace Sampan.Engine;

/// <summary>
/// Containers of one root: made, started, asked about, stopped and removed. Every call stands for itself, state is in files, and no call waits for
/// another container's. A container goes created → running → exited, from there to running again or away; a process killed in any call leaves
/// a container in one of these states, or a directory without a record, which the next call that makes, lists or removes containers takes away.
/// </summary>
public sealed partial class ContainerEngine
{
    private readonly string _runtime;
    private readonly string _monitor;

    /// <summary>An engine over <paramref name="places"/>.</summary>
    /// <param name="places">Where its files are.</param>
    /// <param name="runtime">The OCI runtime for new containers, by path or by name in PATH; null for Sampan's own.</param>
    /// <exception cref="EngineException">The runtime or the monitor's program is not there.</exception>
    public ContainerEngine(Places places, string? runtime = null)
    {
        Places = places;
        Store = new ContainerStore(places);
        _monitor = Path.Combine(AppContext.BaseDirectory, "sampan-runtime");
        _runtime = runtime is null or "" or "sampan-runtime" ? _monitor : FindProgram(runtime);
    }

    /// <summary>Where the files are.</summary>
    public Places Places { get; }

    /// <summary>The containers on the disk.</summary>
    public ContainerStore Store { get; }

    /// <summary>Removes what killed commands have left: containers that were never whole, and layers that were never unpacked to their end.</summary>
    public void CleanUp()
    {
        Store.CleanUp();
        LayerStore.CleanUp(Places.Root);
    }

    /// <summary>Connects to the monitor of a container; null where it does not run or lost its monitor.</summary>
    public MonitorConnection? Connect(StoredContainer container) => MonitorConnection.TryConnect(Places.RunDirectory(container.Record.Id));

    private static string FindProgram(string name)
    {
        if (name.Contains('/', StringComparison.Ordinal))
            return File.Exists(name) ? Path.GetFullPath(name) : throw new EngineException(ErrorKind.NotFound, $"the OCI runtime \"{Printable.Escape(name)}\" is not there");
        foreach (string directory in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").Append("/sbin"))
        {
            string path = Path.Combine(directory, name);
            if (directory.Length > 0 && File.Exists(path))
                return path;
        }
        throw new EngineException(ErrorKind.NotFound, $"there is no OCI runtime \"{Printable.Escape(name)}\" in PATH; install it, or give its path with --runtime");
    }
}
