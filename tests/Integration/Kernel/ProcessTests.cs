using System.Diagnostics;
using Sampan.Kernel;

namespace Sampan.Tests.Integration.Kernel;

public sealed class ProcessTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("sampan-test-").FullName;

    public void Dispose()
    {
        // Orphans of later tests belong to the machine's init, which reaps them.
        Syscalls.SetChildSubreaper(false);
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Starts a shell script whose parent has ended before it begins, so that this process adopts it and neither .NET nor the parent waits for it.</summary>
    private int Adopt(string script)
    {
        Syscalls.SetChildSubreaper(true);
        Assert.True(Syscalls.GetChildSubreaper());
        string gate = Path.Combine(_directory, "gate");
        Syscalls.MkNodAt(Syscalls.WorkingDirectory, gate, FileType.Fifo | 0x180, default);
        using FileDescriptor open = Syscalls.Open(gate, OpenFlags.ReadWrite);
        using Process parent = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"(read go <{gate}; {script}) >/dev/null & echo $!"]) { RedirectStandardOutput = true })!;
        int pid = int.Parse(parent.StandardOutput.ReadLine()!, System.Globalization.CultureInfo.InvariantCulture);
        parent.WaitForExit();
        Syscalls.WriteAll(open, "go\n"u8);
        for (int i = 0; i < 2000 && !IsEmpty(open); i++)
            Syscalls.Poll([], 5);
        return pid;
    }

    private static bool IsEmpty(FileDescriptor fifo) => Syscalls.Poll(fifo, PollEvents.In, 0) == PollEvents.None;

    [Fact]
    public void ExitCodeOfAnAdoptedChildIsTaken()
    {
        int pid = Adopt("exit 7");
        ExitStatus? status = Syscalls.WaitId(pid);
        Assert.Equal(new ExitStatus(pid, ExitKind.Exited, 7), status);
        Assert.Equal(7, status!.Value.ShellCode);
        Assert.Equal(Errno.ECHILD, Assert.Throws<KernelException>(() => Syscalls.WaitId(pid)).Errno);
    }

    [Fact]
    public void KilledChildIsSeenByItsDescriptor()
    {
        int pid = Adopt("exec sleep 1000");
        using FileDescriptor pidFd = Syscalls.PidFdOpen(pid);
        try
        {
            Assert.Null(Syscalls.WaitId(pidFd, wait: false));
            Assert.Equal(PollEvents.None, Syscalls.Poll(pidFd, PollEvents.In, 0));
        }
        finally
        {
            Syscalls.PidFdSendSignal(pidFd, Signal.Kill);
        }

        Assert.Equal(PollEvents.In, Syscalls.Poll(pidFd, PollEvents.In, 10_000));
        ExitStatus status = Syscalls.WaitId(pidFd)!.Value;
        Assert.Equal(new ExitStatus(pid, ExitKind.Killed, Signal.Kill), status);
        Assert.Equal(137, status.ShellCode);
        Assert.Equal(Errno.ESRCH, Syscalls.TryPidFdSendSignal(pidFd, 0));
        Assert.Equal(Errno.ESRCH, Syscalls.TryKill(pid, 0));
        Assert.Equal(Errno.ESRCH, Syscalls.TryPidFdOpen(pid, out _));
    }

    [Fact]
    public void LimitsAndProcessorsOfAnotherProcessAreReadAndSet()
    {
        int pid = Adopt("exec sleep 1000");
        try
        {
            ResourceLimit before = Syscalls.GetPrLimit(pid, RlimitResource.Core);
            Syscalls.SetPrLimit(pid, RlimitResource.Core, before with { Soft = 0 });
            Assert.Equal(0UL, Syscalls.GetPrLimit(pid, RlimitResource.Core).Soft);
            Assert.Equal(before.Hard, Syscalls.GetPrLimit(pid, RlimitResource.Core).Hard);
            Assert.True(CpuSet.TryParse("0", out CpuSet first));
            Syscalls.SchedSetAffinity(pid, first);
            Assert.Equal("0", Syscalls.SchedGetAffinity(pid).ToString());
            Assert.Throws<KernelException>(() => Syscalls.SchedSetAffinity(pid, new CpuSet([0])));
        }
        finally
        {
            Syscalls.Kill(pid, Signal.Kill);
            Syscalls.WaitId(pid);
        }
    }

    [Fact]
    public void DescriptorOfAnotherProcessIsCopied()
    {
        Assert.SkipUnless(Syscalls.GetEuid() == 0, "needs ptrace rights over another process");
        string path = Path.Combine(_directory, "file");
        File.WriteAllText(path, "theirs");
        int pid = Adopt($"exec 9<{path}; exec sleep 1000");
        try
        {
            using FileDescriptor pidFd = Syscalls.PidFdOpen(pid);
            FileDescriptor? copy = null;
            for (int i = 0; copy is null && i < 2000; i++)
            {
                if (ProcStat.TryRead(pid, out ProcStat stat) && stat.Command == "sleep")
                    copy = Syscalls.PidFdGetFd(pidFd, 9);
                else
                    Syscalls.Poll([], 5);
            }

            using (copy)
            {
                byte[] buffer = new byte[16];
                Assert.Equal(6, Syscalls.Read(copy!, buffer));
            }
        }
        finally
        {
            Syscalls.Kill(pid, Signal.Kill);
            Syscalls.WaitId(pid);
        }
    }

    [Fact]
    public void HostNameIsThatOfTheOwnNamespace()
    {
        string before = File.ReadAllText("/proc/sys/kernel/hostname");
        OwnNamespaces.Run(NamespaceFlags.Uts, () =>
        {
            Syscalls.SetHostName("sampan-host");
            Syscalls.SetDomainName("sampan-domain");
            Assert.Equal("sampan-host\n", File.ReadAllText("/proc/sys/kernel/hostname"));
            Assert.Equal("sampan-domain\n", File.ReadAllText("/proc/sys/kernel/domainname"));
        });
        Assert.Equal(before, File.ReadAllText("/proc/sys/kernel/hostname"));
    }

    [Fact]
    public void NamespaceIsJoinedByItsDescriptor()
    {
        using FileDescriptor network = OwnNamespaces.NewNetwork();
        OwnNamespaces.Run(NamespaceFlags.Uts, () =>
        {
            Syscalls.SetNs(network, NamespaceFlags.Network);
            using FileDescriptor now = Syscalls.Open("/proc/thread-self/ns/net", OpenFlags.ReadOnly);
            Assert.Equal(Syscalls.Stat(network).Inode, Syscalls.Stat(now).Inode);
            Assert.Throws<KernelException>(() => Syscalls.SetNs(network, NamespaceFlags.Mount));
        });
    }

    [Fact]
    public void CapabilityIsDroppedFromOneThread()
    {
        OwnNamespaces.Run(NamespaceFlags.Uts, () =>
        {
            CapabilitySets before = Syscalls.CapGet();
            ulong chown = 1;
            Syscalls.CapSet(before with { Effective = before.Effective & ~chown, Permitted = before.Permitted & ~chown });
            Assert.Equal(before.Permitted & ~chown, Syscalls.CapGet().Permitted);
            Assert.Equal(before.Permitted >> 32, Syscalls.CapGet().Permitted >> 32);
            Assert.Equal(Errno.EPERM, Assert.Throws<KernelException>(() => Syscalls.CapSet(before)).Errno);
        });
        Assert.NotEqual(0UL, Syscalls.CapGet().Effective & 1);
    }

    [Fact]
    public void SessionKeyringIsTheThreadsOwn()
    {
        OwnNamespaces.Run(NamespaceFlags.Uts, () =>
        {
            int serial;
            try
            {
                serial = Syscalls.JoinSessionKeyring("_ses.sampan-test");
            }
            catch (KernelException exception) when (exception.Errno is Errno.ENOSYS or Errno.EPERM)
            {
                Assert.Skip("the kernel has no keyrings");
                return;
            }

            Assert.EndsWith(";_ses.sampan-test", Syscalls.DescribeKey(serial), StringComparison.Ordinal);
            Syscalls.SetKeyPermissions(serial, 0x3f3f0000);
            Assert.Contains(";3f3f0000;", Syscalls.DescribeKey(serial), StringComparison.Ordinal);
            Assert.NotEqual(serial, Syscalls.JoinSessionKeyring(null));
        });
    }

    [Fact]
    public void DumpableIsSwitched()
    {
        int before = Syscalls.GetDumpable();
        Syscalls.SetDumpable(false);
        try
        {
            Assert.Equal(0, Syscalls.GetDumpable());
        }
        finally
        {
            Syscalls.SetDumpable(before == 1);
        }
    }
}
