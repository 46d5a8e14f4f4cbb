using System.Globalization;
using System.Text;
using Sampan.Runtime;
using Sampan.Runtime.Verbs;
using Sampan.RuntimeCommand.CommandLine;

namespace Sampan.RuntimeCommand.Commands;

/// <summary><c>ps</c>.</summary>
internal static class PsCommand
{
    public static Command Describe() => new()
    {
        Name = "ps",
        Summary = "ps displays the processes running inside a container",
        Arguments = "<container-id> [ps options]",
        Description = "Without options the table is made by the runtime itself; with options the host's ps is asked and its lines are chosen by their PID column.",
        MostArguments = int.MaxValue,
        StopsAtFirstArgument = true,
        Options = [new("format", OptionKind.Text, "select one of: table or json", "f", "\"table\"")],
        Run = Run,
    };

    private static int Run(Invocation call)
    {
        using Container container = Container.Open(call.Global.Root, call.Arguments[0]);
        string format = call.Options.Text("format") ?? "table";
        List<int> pids = container.Processes();
        switch (format)
        {
            case "json":
                var json = new StringBuilder("[");
                foreach (int pid in pids)
                    json.Append(json.Length > 1 ? "," : "").Append(pid.ToString(CultureInfo.InvariantCulture));
                Output.Write(json.Append("]\n").ToString());
                return 0;
            case "table" when call.Arguments.Count == 1:
                Output.Write(ProcessTable.Format(pids, TimeProvider.System));
                return 0;
            case "table":
                Output.Write(HostPs.Run(call.Arguments.GetRange(1, call.Arguments.Count - 1), pids));
                return 0;
            default:
                throw new RuntimeException($"invalid format option: {format}; use table or json", RuntimeErrorKind.InvalidArgument);
        }
    }
}
