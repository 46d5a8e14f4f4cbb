using System.Buffers.Binary;
using System.Diagnostics;
using Sampan.Kernel;

namespace Sampan.Tests.Unit.Kernel;

/// <summary>The stub runs here with standard output as its status descriptor.</summary>
public sealed class ExecStubTests
{
    private static readonly byte[] s_report = [1, 2, 3, 4, 0, 0, 0, 0, 9, 8, 7];

    [Fact]
    public void It_becomes_the_program_with_its_arguments_and_environment()
    {
        (int code, byte[] status, string errors) = Run("/bin/sh", "sh", "-c", "echo \"$0 $1 $SAMPAN_TEST\" >&2; exit 7", "zero", "one two");

        Assert.Equal(7, code);
        Assert.Empty(status);
        Assert.Equal("zero one two here\n", errors);
    }

    [Theory]
    [InlineData("/nonexistent/program", Errno.ENOENT)]
    [InlineData("/etc/passwd", Errno.EACCES)]
    [InlineData("/proc", Errno.EACCES)]
    public void A_failure_is_reported_with_its_number(string path, Errno expected)
    {
        (int code, byte[] status, _) = Run(path, "x");

        Assert.Equal(127, code);
        Assert.Equal(s_report.Length, status.Length);
        Assert.Equal((int)expected, BinaryPrimitives.ReadInt32LittleEndian(status.AsSpan(4)));
        Assert.Equal(s_report[..4], status[..4]);
        Assert.Equal(s_report[8..], status[8..]);
    }

    [Fact]
    public void The_status_descriptor_does_not_reach_the_program()
    {
        (int code, byte[] status, string errors) = Run("/bin/sh", "sh", "-c", "if [ -e /proc/self/fd/1 ]; then echo open >&2; fi; exit 0");

        Assert.Equal((0, ""), (code, errors));
        Assert.Empty(status);
    }

    [Fact]
    public void Nobody_can_write_it()
    {
        using FileDescriptor stub = ExecStub.Create(1, s_report, 4);

        Assert.True(Syscalls.HasWriteSeal(stub));
        Assert.Equal(-(int)Errno.EPERM, Syscalls.TryWrite(stub, "x"u8));
    }

    [Fact]
    public void Executing_itself_without_a_status_descriptor_gets_nowhere()
    {
        using FileDescriptor stub = ExecStub.Create(77, s_report, 4); // no such descriptor in the child
        using Process process = Start(stub, "/bin/sh", "sh", "-c", "echo reached >&2");

        Assert.Equal("", process.StandardError.ReadToEnd());
        process.WaitForExit();
        Assert.Equal(127, process.ExitCode);
    }

    private static (int Code, byte[] Status, string Errors) Run(string path, params string[] arguments)
    {
        using FileDescriptor stub = ExecStub.Create(1, s_report, 4);
        using Process process = Start(stub, path, arguments);
        string errors = process.StandardError.ReadToEnd();
        using var status = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(status);
        process.WaitForExit();
        return (process.ExitCode, status.ToArray(), errors);
    }

    /// <summary>A shell executes the stub with the path as its own name, as the runtime's child does.</summary>
    private static Process Start(FileDescriptor stub, string path, params string[] arguments)
    {
        var start = new ProcessStartInfo("/bin/bash") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("exec -a \"$1\" \"$0\" \"${@:2}\"");
        start.ArgumentList.Add($"/proc/{Environment.ProcessId}/fd/{stub.Number}");
        start.ArgumentList.Add(path);
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment["SAMPAN_TEST"] = "here";
        return Process.Start(start)!;
    }
}
