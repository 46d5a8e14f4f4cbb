using System.Text;
using Sampan.Runtime;
using Sampan.Runtime.State;
using Sampan.Runtime.Verbs;
using Sampan.RuntimeCommand.CommandLine;

namespace Sampan.RuntimeCommand.Commands;

/// <summary><c>list</c>.</summary>
internal static class ListCommand
{
    public static Command Describe() => new()
    {
        Name = "list",
        Summary = "lists containers started by this runtime with the given root",
        Arguments = "",
        Description = "The root is that of the global option \"--root\".",
        LeastArguments = 0,
        MostArguments = 0,
        Options =
        [
            new("format", OptionKind.Text, "select one of: table or json", "f", "\"table\""),
            new("quiet", OptionKind.Flag, "display only container IDs", "q"),
        ],
        Run = Run,
    };

    private static int Run(Invocation call)
    {
        if (call.Options.Flag("quiet"))
        {
            var ids = new StringBuilder();
            foreach (ContainerId id in call.Global.Root.List())
                ids.Append(id).Append('\n');
            Output.Write(ids.ToString());
            return 0;
        }

        string format = call.Options.Text("format") ?? "table";
        if (format is not ("table" or "json"))
            throw new RuntimeException($"invalid format option: {format}; use table or json", RuntimeErrorKind.InvalidArgument);
        List<ContainerReport> reports = ContainerList.Read(call.Global.Root, call.Global.Log.Warning);
        if (format == "json")
            Output.Write(ContainerReport.ToListJson(reports));
        else
            Output.Write(ContainerReport.ToTable(reports));
        return 0;
    }
}
