using System.Buffers;
using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Sampan.Command.CommandLine;
using Sampan.Engine;
using Sampan.Engine.Containers;
using Sampan.Images;
using Sampan.Kernel;
using Sampan.Oci;
using Sampan.Storage;

namespace Sampan.Command.Commands;

/// <summary><c>sampan inspect</c> and <c>sampan image inspect</c>.</summary>
internal static class InspectCommand
{
    private static readonly JsonWriterOptions s_options = new() { Indented = true, IndentSize = 4, Encoder = JavaScriptEncoder.Default };

    /// <summary>The command for containers and images.</summary>
    public static System.CommandLine.Command Create()
    {
        var type = new Option<string?>("--type") { Description = "look among these alone: container or image", HelpName = "TYPE" };
        var names = new Argument<string[]>("NAME") { Arity = ArgumentArity.OneOrMore };
        var command = new System.CommandLine.Command("inspect", "Print all that is known of containers and images, as JSON") { type, names };
        command.SetAction(parsed =>
        {
            string? wanted = parsed.GetValue(type);
            return wanted is null or "container" or "image"
                ? Run(parsed, parsed.GetValue(names)!, wanted)
                : throw new CommandLineException($"--type \"{Printable.Escape(wanted)}\" is neither container nor image");
        });
        return command;
    }

    /// <summary>The command for images alone.</summary>
    public static System.CommandLine.Command CreateForImages()
    {
        var names = new Argument<string[]>("IMAGE") { Arity = ArgumentArity.OneOrMore };
        var command = new System.CommandLine.Command("inspect", "Print all that is known of images, as JSON") { names };
        command.SetAction(parsed => Run(parsed, parsed.GetValue(names)!, "image"));
        return command;
    }

    private static int Run(ParseResult parsed, string[] names, string? type)
    {
        using ContainerEngine engine = GlobalOptions.Engine(parsed);
        int result = 0;
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, s_options))
        {
            json.WriteStartArray();
            foreach (string name in names)
            {
                try
                {
                    Write(json, engine, name, type);
                }
                catch (Exception error) when (error is EngineException or KernelException or StorageException)
                {
                    Output.Error(error.Message);
                    result = 1;
                }
            }
            json.WriteEndArray();
        }
        _ = Output.Write(Output.Out, buffer.WrittenSpan);
        Output.Write("\n");
        return result;
    }

    /// <summary>A container where there is one of that name, else an image, as in Docker.</summary>
    private static void Write(Utf8JsonWriter json, ContainerEngine engine, string name, string? type)
    {
        if (type == "image")
        {
            ImageReport.Write(json, engine.Images, engine.Images.Find(name));
            return;
        }
        StoredContainer container;
        try
        {
            container = engine.Store.Find(name);
        }
        catch (EngineException absent) when (type is null && absent.Kind == ErrorKind.NotFound)
        {
            ImageReport.Write(json, engine.Images, engine.Images.TryFind(name)
                ?? throw new EngineException(ErrorKind.NotFound, $"there is no container or image \"{Printable.Excerpt(name, 200)}\"; \"sampan ps -a\" and \"sampan images\" list what there is"));
            return;
        }
        InspectReport.Write(json, container);
    }
}
