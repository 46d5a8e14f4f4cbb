using System.Text.Json.Nodes;
using Sampan.Kernel;
using Sampan.Tests.Integration.Engine;
using Sampan.Tests.Integration.Leaks;

namespace Sampan.Tests.Integration.Faults;

/// <summary>A disk without room: the failure is told, nothing is left, and what frees room works.</summary>
[Collection(nameof(CommandCycles))]
public sealed class FullDisk : IDisposable
{
    private readonly string _disk;

    public FullDisk()
    {
        Assert.SkipUnless(Executables.IsRoot, "mounting a small disk needs root");
        _disk = Directory.CreateTempSubdirectory("sampan-disk-").FullName;
        Assert.Equal(Errno.None, Syscalls.TryMount("tmpfs", _disk, "tmpfs", MountFlags.None, "size=8m,nr_inodes=3000,mode=700"));
    }

    public void Dispose()
    {
        _ = Syscalls.TryUmount2(_disk, UnmountFlags.Detach);
        Directory.Delete(_disk);
    }

    [Fact]
    public void The_runtimes_state_has_no_room()
    {
        using LeakBundle bundle = new();
        string root = Path.Combine(_disk, "state");
        Directory.CreateDirectory(root);
        Fill();
        (int status, _, string error) = Executables.Run(Executables.Runtime, "--root", root, "run", "--bundle", bundle.Place, "full");
        Assert.Equal(1, status);
        Assert.Contains("No space left on device", error, StringComparison.Ordinal);
        Assert.Contains(_disk, error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(root));
        bundle.AssertNothingLeft("the disk is full");
    }

    /// <summary>The state of a running container cannot be written any more; it is removed all the same.</summary>
    [Fact]
    public void A_container_is_deleted_on_a_disk_that_became_full()
    {
        using LeakBundle bundle = new();
        string root = Path.Combine(_disk, "state");
        using (Victim run = Victim.Start(Executables.Runtime, "--root", root, "run", "--detach", "--bundle", bundle.Place, "full"))
            Assert.Equal(0, run.Wait());
        Fill();
        Assert.Equal(0, Executables.Run(Executables.Runtime, "--root", root, "exec", "full", "/bin/true").Status);
        (int status, _, string error) = Executables.Run(Executables.Runtime, "--root", root, "delete", "--force", "full");
        Assert.True(status == 0, error);
        Assert.Empty(Directory.GetFileSystemEntries(root));
        bundle.AssertNothingLeft("the disk is full");
    }

    /// <summary>The mount point is not in the root file system, and cannot be made.</summary>
    [Fact]
    public void The_root_file_system_has_no_room_for_a_mount_point()
    {
        using LeakBundle bundle = new();
        Assert.Equal(0, Executables.Run("/bin/cp", "-a", Path.Combine(bundle.Place, "rootfs"), _disk).Status);
        bundle.Change(config =>
        {
            config["root"]!["path"] = Path.Combine(_disk, "rootfs");
            config["mounts"]!.AsArray().Add(new JsonObject { ["destination"] = "/not/there/yet", ["type"] = "tmpfs", ["source"] = "tmpfs" });
        });
        Fill();
        (int status, _, string error) = Executables.Run(Executables.Runtime, "--root", bundle.StateRoot, "run", "--bundle", bundle.Place, "full");
        Assert.Equal(1, status);
        Assert.Matches("(?i)/not(/there/yet)?.*no space left on device", error);
        bundle.AssertNothingLeft("the disk is full");
    }

    [Fact]
    public void The_engine_has_no_room_for_an_image()
    {
        Fill(leave: 512 * 1024);
        CommandResult result = Sampan("run", "--rm", "busybox", "true");
        Assert.Equal(125, result.ExitCode);
        Assert.Contains("No space left on device", result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.TrimEnd('\n').Split('\n'));
        string layers = Path.Combine(_disk, "layers");
        Assert.Empty(Directory.GetDirectories(layers));
        File.Delete(Path.Combine(_disk, "fill"));
        Assert.Equal((0, "here\n"), (Sampan("run", "--rm", "busybox", "echo", "here") is var again ? again.ExitCode : 0, again.Output));
    }

    /// <summary>The disk becomes full while a container runs; the next cannot be made, and both can be removed.</summary>
    [Fact]
    public void The_engine_removes_containers_on_a_full_disk()
    {
        Assert.Equal(0, Sampan("run", "-d", "--name", "first", "busybox", "sleep", "1000").ExitCode);
        Fill();
        CommandResult second = Sampan("run", "-d", "--name", "second", "busybox", "sleep", "1000");
        Assert.Equal(125, second.ExitCode);
        Assert.Contains("No space left on device", second.Error, StringComparison.Ordinal);
        Assert.Equal("", second.Output);
        CommandResult removed = Sampan("rm", "-f", "first");
        Assert.True(removed.ExitCode == 0, removed.Error);
        foreach (string place in (string[])["containers", "names", "unfinished", "run/containers", "run/runtime"])
            Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_disk, place)));
        Assert.Empty(MachineState.Mounts(Path.Combine(_disk, "containers")));
        Assert.Empty(MachineState.Processes(_disk));
    }

    private CommandResult Sampan(params string[] arguments)
    {
        Assert.SkipUnless(File.Exists(SampanCommand.Program), "out/bin/sampan is not there: run ./build.sh first");
        (int status, string output, string error) = Executables.Run(SampanCommand.Program, ["--root", _disk, .. arguments]);
        return new CommandResult(status, output, error);
    }

    private void Fill(int leave = 0)
    {
        using FileDescriptor file = Syscalls.Open(Path.Combine(_disk, "fill"), OpenFlags.WriteOnly | OpenFlags.Create, 0x180);
        byte[] block = new byte[4096];
        while (Syscalls.TryWrite(file, block) > 0)
        {
        }
        file.Dispose();
        // A directory needs no block there, only an inode.
        for (int i = 0; leave == 0 && Syscalls.TryOpenAt(Syscalls.WorkingDirectory, Path.Combine(_disk, $"fill{i}"), OpenFlags.WriteOnly | OpenFlags.Create, 0x180, out FileDescriptor? empty) == Errno.None; i++)
            empty!.Dispose();
        if (leave > 0)
        {
            using FileStream shorter = File.OpenWrite(Path.Combine(_disk, "fill"));
            shorter.SetLength(shorter.Length - leave);
        }
    }
}
