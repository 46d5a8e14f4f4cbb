using System.CommandLine;
using System.Globalization;
using Sampan.Command.CommandLine;
using Sampan.Engine;
using Sampan.Engine.Containers;
using Sampan.Kernel;

namespace Sampan.Command.Commands;

/// <summary><c>sampan wait</c>.</summary>
internal static class WaitCommand
{
    private static readonly Argument<string[]> s_containers = new("CONTAINER") { Arity = ArgumentArity.OneOrMore };

    public static System.CommandLine.Command Create()
    {
        var command = new System.CommandLine.Command("wait", "Wait until containers end, and print their exit codes") { s_containers };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        ContainerEngine engine = GlobalOptions.Engine(parsed);
        return ContainerLoop.ForEach(engine, parsed.GetValue(s_containers)!, container => Output.Line(Wait(engine, container).ToString(CultureInfo.InvariantCulture)), print: false);
    }

    private static int Wait(ContainerEngine engine, StoredContainer container)
    {
        using MonitorConnection? monitor = engine.Connect(container);
        if (monitor?.WaitForExit(null) is { } code)
            return code;
        ContainerState state = container.State();
        if (state.Status != ContainerStatus.Running)
            return state.ExitCode;
        // The monitor was killed: the process itself can be waited for, though nobody learns its exit code.
        using FileDescriptor process = Syscalls.PidFdOpen(state.Pid);
        _ = Syscalls.Poll(process, PollEvents.In, -1);
        return container.State().ExitCode;
    }
}
