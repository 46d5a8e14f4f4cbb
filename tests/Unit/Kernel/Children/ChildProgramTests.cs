using Sampan.Kernel;
using Sampan.Kernel.Children;

namespace Sampan.Tests.Unit.Kernel.Children;

public sealed class ChildProgramTests
{
    private static (ChildReport Report, ExitStatus? Status) Run(Action<ChildProgram, FileDescriptor> build)
    {
        using var program = new ChildProgram();
        (FileDescriptor ours, FileDescriptor theirs) = Syscalls.SocketPair(SocketKind.Stream);
        using (ours)
        {
            ChildProcess child;
            using (theirs)
            {
                program.ResetSignals();
                build(program, theirs);
                child = ChildProcess.Start(program, CloneFlags.None, theirs);
            }
            using FileDescriptor pidFd = child.PidFd;
            return (ChildReport.Read(ours), Syscalls.WaitId(pidFd));
        }
    }

    [Fact]
    public void TheChildExitsAsItsProgramSays()
    {
        (ChildReport report, ExitStatus? status) = Run((program, _) => program.Exit(42));
        Assert.Equal(ChildReportKind.End, report.Kind);
        Assert.Equal(42, status!.Value.Code);
    }

    [Fact]
    public void AFailureIsReportedWithItsOperationAndError()
    {
        int failing = 0;
        (ChildReport report, ExitStatus? status) = Run((program, unused) =>
        {
            failing = program.Count;
            program.OpenAt("open a file that is not there", Syscalls.WorkingDirectory, "/nonexistent/sampan", OpenFlags.ReadOnly);
            program.Exit(0);
        });
        Assert.Equal(new ChildReport(ChildReportKind.Failed, failing, (int)Errno.ENOENT, null), report);
        Assert.Equal(1, status!.Value.Code);
    }

    [Fact]
    public void ATextTravelsWithTheFailureWhereTheProgramCarriesTexts()
    {
        (ChildReport report, _) = Run((program, unused) =>
        {
            program.CarriesTexts = true;
            program.Fail("do what cannot be done", Errno.EXDEV);
        });
        Assert.Equal("do what cannot be done", report.Text);
        Assert.Equal((int)Errno.EXDEV, report.Value);
    }

    [Fact]
    public void ErrorsWithARuleGoWhereItSays()
    {
        (_, ExitStatus? status) = Run((program, unused) =>
        {
            ChildLabel missing = program.NewLabel();
            program.OpenAt("open", Syscalls.WorkingDirectory, "/nonexistent/sampan", OpenFlags.ReadOnly).On(Errno.EACCES, missing).Ignore(Errno.ENOENT);
            program.OpenAt("open", Syscalls.WorkingDirectory, "/nonexistent/sampan", OpenFlags.ReadOnly).On(Errno.ENOENT, missing);
            program.Exit(1);
            program.Mark(missing);
            program.Exit(7);
        });
        Assert.Equal(7, status!.Value.Code);
    }

    [Fact]
    public void RegistersMemoryAndJumpsWork()
    {
        (ChildReport report, _) = Run((program, report) =>
        {
            ChildRegister value = program.NewRegister();
            ChildLabel wrong = program.NewLabel();
            nint memory = program.Buffer(32);
            program.Move(value, 1234567);
            program.FormatNumber(memory, value);
            program.Load(value, memory, 4, 0xFFFF);
            program.JumpIf(value, ChildComparison.NotEqual, '1' | ('2' << 8), wrong);
            program.Store(memory, 8, -1);
            program.Load(value, memory, 4, 0xFF);
            program.Report(report, 3, value);
            program.Mark(wrong);
            program.Exit(0);
        });
        Assert.Equal(new ChildReport(ChildReportKind.Reached, 3, 255, null), report);
    }

    [Fact]
    public void AChildWhoseParentIsGoneStopsWaiting()
    {
        using var program = new ChildProgram();
        (FileDescriptor ours, FileDescriptor theirs) = Syscalls.SocketPair(SocketKind.Stream);
        program.ResetSignals();
        program.Await("wait", theirs);
        program.Exit(0);
        ChildProcess child = ChildProcess.Start(program, CloneFlags.None, theirs);
        using FileDescriptor pidFd = child.PidFd;
        theirs.Dispose();
        Syscalls.Shutdown(ours, 1);
        ChildReport report = ChildReport.Read(ours);
        Assert.Equal((int)Errno.ECANCELED, report.Value);
        Assert.Equal(1, Syscalls.WaitId(pidFd)!.Value.Code);
        ours.Dispose();
    }

    [Fact]
    public void TheProgramCanBePrinted()
    {
        using var program = new ChildProgram();
        _ = program.OpenAt("open it", Syscalls.WorkingDirectory, "/x", OpenFlags.ReadOnly).Into(program.NewRegister());
        Assert.Matches(@"^   0 openat\(-100, 0x[0-9a-f]+, .*\) → r0  # open it\n$", program.Print());
    }

    [Fact]
    public void ALabelThatWasNeverPlacedIsAnErrorOfTheProgrammer()
    {
        using var program = new ChildProgram();
        program.Jump(program.NewLabel());
        using FileDescriptor nowhere = Syscalls.Open("/dev/null", OpenFlags.WriteOnly);
        _ = Assert.Throws<InvalidOperationException>(() => ChildProcess.Start(program, CloneFlags.None, nowhere));
    }
}
