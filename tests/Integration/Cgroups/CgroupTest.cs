using System.Text.Json;
using Sampan.Oci;
using Sampan.Runtime.Cgroups;
using Sampan.Runtime.Cgroups.Devices;

namespace Sampan.Tests.Integration.Cgroups;

/// <summary>
/// The base of the contract suite: one test is one container's cgroup, in whatever layout the machine has (version 1, hybrid, version 2 alone). It is
/// removed at the end, whatever happened.
/// </summary>
public abstract class CgroupTest : IDisposable
{
    private static int s_number;

    protected CgroupTest()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: makes cgroups");
        Layout = CgroupLayout.Detect();
        CgroupsPath = $"/sampan-test-{Environment.ProcessId}-{Interlocked.Increment(ref s_number)}/c";
        Cgroup = Cgroup.Create(Request(new LinuxResources()));
    }

    internal CgroupLayout Layout { get; }

    protected string CgroupsPath { get; }

    internal Cgroup Cgroup { get; }

    internal bool IsV2 => Layout.Version == CgroupVersion.V2;

    internal CgroupRequest Request(LinuxResources resources)
    {
        resources.Devices ??= DefaultDeviceRules.Create();
        return new CgroupRequest("sampan-test", CgroupsPath, resources);
    }

    internal TestProcess Start(string script = "exec sleep 1000") => TestProcess.Start(Cgroup, script);

    internal List<string> Directories()
    {
        var directories = new List<string>(Cgroup.State.Paths.Values.Distinct());
        if (Cgroup.State.UnifiedPath is not null)
            directories.Add(Cgroup.State.UnifiedPath);
        return directories;
    }

    /// <summary>What a file of the cgroup holds, by its name in version 1 (null where the test has none for it) and in version 2.</summary>
    internal string Read(string legacyController, string legacyFile, string unifiedFile) =>
        File.ReadAllText(Cgroup.State.Paths.TryGetValue(legacyController, out string? legacy) ? $"{legacy}/{legacyFile}" : $"{Cgroup.State.UnifiedPath}/{unifiedFile}").TrimEnd();

    internal static CgroupState RoundTrip(CgroupState state)
    {
        var writer = new JsonWriter();
        state.Write(writer);
        var reader = new Utf8JsonReader(writer.Written);
        _ = reader.Read();
        return CgroupState.Read(ref reader);
    }

    public void Dispose()
    {
        try
        {
            Cgroup?.Delete();
        }
        finally
        {
            foreach (string directory in Cgroup is null ? [] : Directories())
                RemoveIfEmpty(System.IO.Path.GetDirectoryName(directory)!);
            GC.SuppressFinalize(this);
        }
    }

    /// <summary>The parent, which the runtime leaves for others.</summary>
    private static void RemoveIfEmpty(string directory)
    {
        try
        {
            Directory.Delete(directory);
        }
        catch (IOException)
        {
        }
    }
}
