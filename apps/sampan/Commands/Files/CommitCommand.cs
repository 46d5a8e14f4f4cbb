using System.CommandLine;
using Sampan.Command.CommandLine;
using Sampan.Engine;
using Sampan.Engine.Containers;
using Sampan.Images;

namespace Sampan.Command.Commands.Files;

/// <summary><c>sampan commit</c>.</summary>
internal static class CommitCommand
{
    private static readonly Option<string?> s_author = new("--author", "-a") { Description = "who made it", HelpName = "AUTHOR" };
    private static readonly Option<string?> s_message = new("--message", "-m") { Description = "a remark in the image's history", HelpName = "TEXT" };
    private static readonly Option<string[]> s_changes = new("--change", "-c") { Description = "an instruction of a Dockerfile: CMD, ENTRYPOINT, ENV, EXPOSE, HEALTHCHECK, LABEL, ONBUILD, SHELL, STOPSIGNAL, USER, VOLUME, WORKDIR", HelpName = "INSTRUCTION" };
    private static readonly Option<bool> s_pause = new("--pause", "-p") { Description = "stop the container's processes meanwhile" };
    private static readonly Option<bool> s_quiet = new("--quiet", "-q") { Description = "accepted for Podman's sake: there is no progress to be quiet about" };
    private static readonly Argument<string> s_container = new("CONTAINER");
    private static readonly Argument<string?> s_name = new("NAME[:TAG]") { Arity = ArgumentArity.ZeroOrOne };

    public static System.CommandLine.Command Create()
    {
        var command = new System.CommandLine.Command("commit", "Make an image of a container's changes") { s_author, s_message, s_changes, s_pause, s_quiet, s_container, s_name };
        command.SetAction(static parsed =>
        {
            using ContainerEngine engine = GlobalOptions.Engine(parsed);
            StoredContainer container = engine.Store.Find(parsed.GetValue(s_container)!);
            var making = new ImageMaking(
                parsed.GetValue(s_name) is { } name ? ImageStore.NewName(name, local: true) : null,
                parsed.GetValue(s_author),
                parsed.GetValue(s_message),
                string.Join(' ', container.Record.Command),
                parsed.GetValue(s_changes) ?? []);
            Output.Line(engine.Commit(container, making, parsed.GetValue(s_pause)).Id.ToString());
            return 0;
        });
        return command;
    }
}
