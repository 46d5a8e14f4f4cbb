using Sampan.Kernel;

namespace Sampan.Tests.Unit.Kernel;

/// <summary>A directory of a test's own, removed with all that is in it at the test's end.</summary>
internal sealed class TestDirectory : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("sampan-test-");

    public string Path => _directory.FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        using FileDescriptor parent = Syscalls.Open(_directory.Parent!.FullName, OpenFlags.ReadOnly | OpenFlags.Directory);
        DirectoryTree.Remove(parent, _directory.Name);
    }
}
