using System.Diagnostics;
using System.Text;
using Sampan.Oci;

namespace Sampan.Tests.Unit.Oci;

/// <summary>The configuration that people start from is the one that they know from runc.</summary>
public sealed class DefaultSpecTests
{
    private static readonly string[] s_places = ["/usr/sbin/runc", "/usr/bin/runc"];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void IsByteForByteWhatRuncWrites(bool rootless)
    {
        string? runc = s_places.FirstOrDefault(File.Exists);
        Assert.SkipWhen(runc is null, "runc is not installed (apt-get install runc)");
        DirectoryInfo bundle = Directory.CreateTempSubdirectory("sampan-spec-");
        try
        {
            Run(runc!, rootless ? ["spec", "--rootless", "--bundle", bundle.FullName] : ["spec", "--bundle", bundle.FullName]);
            string written = File.ReadAllText(Path.Combine(bundle.FullName, "config.json"));
            Spec expected = Spec.Parse(Encoding.UTF8.GetBytes(written));
            uint uid = expected.Linux!.UidMappings?[0].HostId ?? 0;
            uint gid = expected.Linux.GidMappings?[0].HostId ?? 0;
            bool cgroup = expected.Linux.Namespaces!.Any(one => one.Type == "cgroup");
            Spec ours = Spec.Default(rootless, uid, gid, cgroup);
            Assert.Equal(Spec.CurrentVersion, ours.OciVersion);
            ours.OciVersion = expected.OciVersion; // runc 1.1 follows an older version of the specification
            Assert.Equal(written.TrimEnd('\n'), Encoding.UTF8.GetString(ours.ToJson(indented: true)));
        }
        finally
        {
            bundle.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void BreaksNoRule(bool rootless, bool cgroupNamespace)
    {
        Spec spec = Spec.Default(rootless, 1000, 1001, cgroupNamespace);
        Assert.Null(SpecValidation.FirstProblem(spec));
        Assert.Empty(SpecValidation.Warnings(spec));
        Assert.Equal(cgroupNamespace, spec.Linux!.Namespaces!.Any(one => one.Type == "cgroup"));
        Assert.Equal(rootless, spec.Linux.Namespaces!.Any(one => one.Type == "user"));
        Assert.Equal(rootless ? 1000u : null, spec.Linux.UidMappings?[0].HostId);
        Assert.Equal(rootless ? 1001u : null, spec.Linux.GidMappings?[0].HostId);
    }

    private static void Run(string program, string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, error);
    }
}
