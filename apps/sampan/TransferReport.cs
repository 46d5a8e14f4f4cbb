using System.Globalization;
using System.Text;
using Sampan.Images;
using Sampan.Kernel;

namespace Sampan.Command;

/// <summary>
/// What a pull, push or load shows of its layers: at a terminal a bar for each, redrawn in place ten times a second at most; elsewhere a line for each
/// layer's beginning and end; nothing where it is to be quiet. Called by several threads.
/// </summary>
internal sealed class TransferReport : IProgress<LayerProgress>, IDisposable
{
    private const int BarWidth = 30;
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly FileDescriptor _out;
    private readonly bool _isPush;
    private readonly bool _isLoad;
    private readonly bool _atTerminal;
    private readonly Lock _gate = new();
    private readonly List<LayerProgress> _layers = [];
    private long _drawnAt;
    private int _drawn;

    private TransferReport(FileDescriptor file, bool isPush, bool isLoad, bool atTerminal) => (_out, _isPush, _isLoad, _atTerminal) = (file, isPush, isLoad, atTerminal);

    /// <summary>A report to a file; null where it is to be quiet.</summary>
    public static TransferReport? To(FileDescriptor file, bool quiet, bool isPush = false, bool isLoad = false) => quiet ? null : new TransferReport(file, isPush, isLoad, Syscalls.IsTerminal(file));

    /// <inheritdoc/>
    public void Report(LayerProgress value)
    {
        lock (_gate)
        {
            int index = _layers.FindIndex(one => one.Layer == value.Layer);
            bool moved = index < 0 || _layers[index].Stage != value.Stage;
            if (index < 0)
                _layers.Add(value);
            else
                _layers[index] = value;
            if (_atTerminal)
                Draw(force: moved && value.Stage != LayerStage.Waiting);
            else if (moved && value.Stage != LayerStage.Transferring)
                Write($"{Name(value)}: {Word(value)}\n");
        }
    }

    /// <summary>Draws the end.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_atTerminal)
                Draw(force: true);
        }
    }

    private void Draw(bool force)
    {
        long now = System.Diagnostics.Stopwatch.GetTimestamp();
        if (!force && System.Diagnostics.Stopwatch.GetElapsedTime(_drawnAt, now) < s_pause)
            return;
        _drawnAt = now;
        // More layers than lines: what is drawn over must not have scrolled away.
        TerminalSize size = Syscalls.GetWindowSize(_out);
        (int rows, int columns) = size is { Rows: > 1, Columns: > 20 } ? (size.Rows, size.Columns) : (24, 80);
        var text = new StringBuilder();
        if (_drawn > 0)
            _ = text.Append(CultureInfo.InvariantCulture, $"\e[{_drawn}A");
        IEnumerable<LayerProgress> shown = _layers.Count < rows ? _layers : _layers.OrderBy(static one => one.Stage == LayerStage.Transferring ? 0 : 1).Take(rows - 1);
        _drawn = 0;
        foreach (LayerProgress layer in shown)
        {
            string line = $"{Name(layer)}: {Word(layer)}{Bar(layer)}";
            _ = text.Append('\r').Append(line.Length < columns ? line : line[..(columns - 1)]).Append("\e[K\n");
            _drawn++;
        }
        Write(text.ToString());
    }

    private static string Name(LayerProgress layer) => layer.Layer.Hex[..12];

    private string Word(LayerProgress layer) => layer.Stage switch
    {
        LayerStage.Waiting => _isPush ? "Preparing" : _isLoad ? "Waiting" : "Pulling fs layer",
        LayerStage.Exists => _isPush ? "Layer already exists" : "Already exists",
        LayerStage.Mounted => "Mounted",
        LayerStage.Transferring => _isPush ? "Pushing " : _isLoad ? "Loading " : "Downloading ",
        _ => _isPush ? "Pushed" : _isLoad ? "Loaded" : "Pull complete",
    };

    private static string Bar(LayerProgress layer)
    {
        if (layer.Stage != LayerStage.Transferring)
            return "";
        string bytes = layer.Total < 0 ? Quantity.Bytes(layer.Transferred) : $"{Quantity.Bytes(layer.Transferred)}/{Quantity.Bytes(layer.Total)}";
        if (layer.Total <= 0)
            return bytes;
        int full = (int)(BarWidth * Math.Min(layer.Transferred, layer.Total) / layer.Total);
        return $"[{new string('=', full)}{(full < BarWidth ? ">" : "")}{new string(' ', Math.Max(0, BarWidth - full - 1))}]  {bytes}";
    }

    private void Write(string text) => _ = Output.Write(_out, Encoding.UTF8.GetBytes(text));
}
