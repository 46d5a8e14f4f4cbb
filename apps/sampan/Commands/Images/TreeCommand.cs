using System.CommandLine;
using System.Text;
using Sampan.Command.CommandLine;
using Sampan.Engine;
using Sampan.Images;
using Sampan.Oci;

namespace Sampan.Command.Commands.Images;

/// <summary><c>sampan tree</c>: which layers images share, and what each costs.</summary>
internal static class TreeCommand
{
    public static System.CommandLine.Command Create()
    {
        var whole = new Option<bool>("--no-trunc") { Description = "do not shorten" };
        var images = new Argument<string[]>("IMAGE") { Arity = ArgumentArity.ZeroOrMore };
        var command = new System.CommandLine.Command("tree", "Show which layers images share, and what each costs") { whole, images };
        command.SetAction(parsed =>
        {
            using ContainerEngine engine = GlobalOptions.Engine(parsed);
            HashSet<Digest> wanted = [.. (parsed.GetValue(images) ?? []).Select(word => engine.Images.Find(word).Id)];
            Dictionary<Digest, ImageCost> costs = engine.DiskUsage().Images.Images.DistinctBy(static one => one.Image.Id).ToDictionary(static one => one.Image.Id);
            IReadOnlyList<LayerNode> forest = engine.Images.Forest(wanted.Count == 0 ? null : image => wanted.Contains(image.Id));
            var drawing = new Drawing(costs, parsed.GetValue(whole));
            foreach (LayerNode root in forest)
                drawing.Draw(root, "", "", users: root.Users);
            Output.Write(drawing.ToString());
            return 0;
        });
        return command;
    }

    /// <summary>The picture: a line for each layer, deeper only where images part, and beside the uppermost layer of an image its names and its cost.</summary>
    private sealed class Drawing(Dictionary<Digest, ImageCost> costs, bool whole)
    {
        private readonly StringBuilder _text = new();

        public void Draw(LayerNode node, string first, string rest, int users)
        {
            string id = whole ? node.DiffId.ToString() : node.DiffId.Hex[..12];
            string line = $"{first}{id}  {Quantity.Bytes(node.Size),-7}";
            _ = _text.Append(users > 1 ? $"{line} in {users} images" : line.TrimEnd());
            foreach (IGrouping<Digest, ImageEntry> image in node.Images.GroupBy(static one => one.Id))
                _ = _text.Append("  ◀ ").Append(string.Join(", ", image.Select(static one => one.Name is { } name ? ImageStore.Familiar(name) : one.ShortId))).Append(Cost(image.Key));
            _ = _text.Append('\n');
            if (node.Children.Count == 1 && node.Images.Count == 0)
            {
                // No image ends and none begins: the next layer stands straight below.
                Draw(node.Children[0], rest, rest, node.Children[0].Users);
                return;
            }
            for (int i = 0; i < node.Children.Count; i++)
            {
                bool last = i == node.Children.Count - 1;
                Draw(node.Children[i], rest + (last ? "└─ " : "├─ "), rest + (last ? "   " : "│  "), node.Children[i].Users);
            }
        }

        public override string ToString() => _text.ToString();

        private string Cost(Digest id) => costs.TryGetValue(id, out ImageCost? cost) ? $" ({Quantity.Bytes(cost.Size)}, {Quantity.Bytes(cost.Unique)} of its own)" : "";
    }
}
