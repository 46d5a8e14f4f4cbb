using Sampan.Oci;
using Sampan.Runtime.Hooks;
using Sampan.Runtime.Sessions;
using Sampan.Runtime.State;
using Sampan.Runtime.Verbs;
using Sampan.RuntimeCommand.CommandLine;

namespace Sampan.RuntimeCommand.Commands;

/// <summary><c>delete</c>.</summary>
internal static class DeleteCommand
{
    public static Command Describe() => new()
    {
        Name = "delete",
        Summary = "delete any resources held by the container often used with detached container",
        Arguments = "<container-id>",
        Description = "A container that is not stopped is only deleted with --force, which also removes what a killed create or delete left.",
        Options = [new("force", OptionKind.Flag, "forcibly deletes the container if it is still running (uses SIGKILL)", "f")],
        Run = Run,
    };

    private static int Run(Invocation call)
    {
        Delete(call, ContainerId.Parse(call.Arguments[0]), call.Options.Flag("force"));
        return 0;
    }

    /// <summary>Deletes the container and runs its poststop hooks; one that fails is told as a warning (runtime.md, "Lifecycle", step 13).</summary>
    internal static void Delete(Invocation call, ContainerId id, bool force)
    {
        ContainerDelete.Delete(call.Global.Root, id, force, (state, config) => RunPoststop(call, state, config));
        if (NotifyProxy.HostSocket is not null || Directory.Exists(call.Global.Root.Path + "/@notify"))
            NotifyProxy.Remove(call.Global.Root, id);
    }

    private static void RunPoststop(Invocation call, ContainerState state, byte[]? config)
    {
        if (config is null || config.AsSpan().IndexOf("poststop"u8) < 0)
            return; // the common case, without parsing
        Spec spec = Spec.Parse(config);
        var report = new State
        {
            OciVersion = state.OciVersion,
            Id = state.Id.Text,
            Status = ContainerStatus.Stopped.ToText(),
            Bundle = state.Bundle,
            Annotations = spec.Annotations,
        };
        foreach (string failure in HookRunner.RunAll(spec.Hooks?.Poststop, "poststop", report))
            call.Global.Log.Warning(failure);
    }
}
