using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Sampan.Tests.Architecture;

/// <summary>The arrows of docs/architecture.md: who may know whom. A new project is added to the table together with its reason there.</summary>
public sealed class ArrowTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Sampan.Kernel"] = [],
        ["Sampan.Oci"] = [],
        ["Sampan.Runtime"] = ["Sampan.Kernel", "Sampan.Oci"],
        ["Sampan.Registry"] = ["Sampan.Oci"],
        ["Sampan.Storage"] = ["Sampan.Kernel", "Sampan.Oci"],
        ["Sampan.Images"] = ["Sampan.Storage", "Sampan.Registry", "Sampan.Kernel", "Sampan.Oci"],
        // The engine starts sampan-runtime as a process, so that any other OCI runtime can stand in for it: it never links it.
        ["Sampan.Engine"] = ["Sampan.Images", "Sampan.Storage", "Sampan.Registry", "Sampan.Kernel", "Sampan.Oci"],
        ["sampan"] = ["Sampan.Engine", "Sampan.Kernel", "Sampan.Oci"],
        ["sampan-runtime"] = ["Sampan.Runtime", "Sampan.Kernel", "Sampan.Oci"],
    };

    /// <summary>Packages of other people that a project may use. What runs as root before anything is confined has the one for systemd's bus
    /// (docs/decisions/0012-systemd-dbus.md) and no other.</summary>
    private static readonly Dictionary<string, string[]> AllowedPackages = new()
    {
        ["Sampan.Runtime"] = ["Tmds.DBus.Protocol"],
        ["Sampan.Storage"] = ["ZstdSharp.Port"],
        ["Sampan.Engine"] = ["Tomlyn"],
        ["sampan"] = ["System.CommandLine"],
    };

    public static TheoryData<string> Projects()
    {
        TheoryData<string> data = [];
        foreach (string file in Repository.Files.Where(f => f.EndsWith(".csproj", StringComparison.Ordinal) && !f.StartsWith("tests/") && !f.StartsWith("bench/")))
            data.Add(file);
        return data;
    }

    public static TheoryData<string> Libraries() => [.. Repository.Libraries];

    [Fact]
    public void Every_project_of_the_table_exists()
    {
        string[] names = [.. Projects().Select(p => Path.GetFileNameWithoutExtension(p.Data))];
        Offenders.None(Allowed.Keys.Except(names));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_what_its_arrow_names(string file)
    {
        string name = Path.GetFileNameWithoutExtension(file);
        Assert.True(Allowed.ContainsKey(name), $"{name} has no arrow: add it to this table, and its reason to docs/architecture.md");
        Offenders.None(Repository.ProjectReferences(file).Except(Allowed[name]));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_uses_only_the_packages_it_is_allowed(string file)
    {
        string name = Path.GetFileNameWithoutExtension(file);
        IEnumerable<string> packages = Repository.Project(file).Descendants("PackageReference").Select(p => p.Attribute("Include")!.Value);
        Offenders.None(packages.Except(AllowedPackages.GetValueOrDefault(name, [])));
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void A_compiled_library_references_only_what_its_arrow_names(string library)
    {
        using PEReader file = new(File.OpenRead(Repository.Assembly(library)));
        MetadataReader metadata = file.GetMetadataReader();
        string[] references = [.. metadata.AssemblyReferences.Select(r => metadata.GetString(metadata.GetAssemblyReference(r).Name))];
        string[] bcl = ["System", "Microsoft.Win32", "netstandard", "mscorlib"];
        IEnumerable<string> others = references.Where(r => !bcl.Any(b => r == b || r.StartsWith(b + ".", StringComparison.Ordinal)));
        Offenders.None(others.Except(Allowed[library]).Except(AllowedPackages.GetValueOrDefault(library, []).Select(static package => package == "ZstdSharp.Port" ? "ZstdSharp" : package)));
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void Only_the_kernel_calls_native_functions(string library)
    {
        using PEReader file = new(File.OpenRead(Repository.Assembly(library)));
        MetadataReader metadata = file.GetMetadataReader();
        string[] imported =
        [
            .. metadata.MethodDefinitions.Select(metadata.GetMethodDefinition)
                .Where(m => !m.GetImport().Module.IsNil).Select(m => metadata.GetString(m.Name)),
        ];
        if (library == "Sampan.Kernel")
            Assert.NotEmpty(imported);
        else
            Offenders.None(imported);
    }
}
