using System.CommandLine;
using Sampan.Command.CommandLine;
using Sampan.Engine;
using Sampan.Images;
using Sampan.Kernel;
using Sampan.Oci;
using Sampan.Storage;

namespace Sampan.Command.Commands.Images;

/// <summary><c>sampan rmi</c>.</summary>
internal static class RmiCommand
{
    public static System.CommandLine.Command Create(string name = "rmi")
    {
        var force = new Option<bool>("--force", "-f") { Description = "all names of an image named by its id, and names of images that stopped containers use" };
        var images = new Argument<string[]>("IMAGE") { Arity = ArgumentArity.OneOrMore };
        var command = new System.CommandLine.Command(name, "Remove images") { force, images };
        command.SetAction(parsed =>
        {
            using ContainerEngine engine = GlobalOptions.Engine(parsed);
            int result = 0;
            foreach (string word in parsed.GetValue(images)!)
            {
                try
                {
                    Print(engine.RemoveImage(word, parsed.GetValue(force)));
                }
                catch (StorageException absent) when (parsed.GetValue(force) && absent.Kind == StorageErrorKind.NotFound)
                {
                    Output.Error(absent.Message); // said, and no failure, as in Docker
                }
                catch (Exception error) when (error is StorageException or EngineException or KernelException)
                {
                    Output.Error(error.Message);
                    result = 1;
                }
            }
            return result;
        });
        return command;
    }

    private static void Print(ImageRemoval removal)
    {
        foreach (string name in removal.Untagged)
            Output.Line($"Untagged: {name}");
        foreach (Digest digest in removal.Deleted)
            Output.Line($"Deleted: {digest}");
    }
}
