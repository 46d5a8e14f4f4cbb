using Sampan.Oci;
using Sampan.Storage;
using Sampan.Storage.Archives;
using Sampan.Storage.Content;
using Sampan.Storage.Layers;

namespace Sampan.Images;

/// <summary>A layer that comes from somewhere: a registry, an archive, a layout.</summary>
/// <param name="Descriptor">What the source says it is; the digest is not valid, and the size -1, where the source does not promise them.</param>
/// <param name="DiffId">The digest of the uncompressed archive.</param>
/// <param name="Open">Opens the stored bytes from the ingest's offset on.</param>
internal sealed record IncomingLayer(Descriptor Descriptor, Digest DiffId, Func<ContentIngest, CancellationToken, Task<Stream>> Open);

/// <summary>
/// Brings the layers of an image into the store, several at a time, each in one pass: stored as it comes, hashed, decompressed and unpacked. What an
/// earlier attempt has left is gone on with. A layer that is there is not read. Dispose it when the image is entered: until then its layers are held.
/// </summary>
internal sealed class LayerIntake(ImageStore store, ContentLease lease, int parallel, IProgress<LayerProgress>? progress) : IDisposable
{
    private ImageUnpacking? _unpacking;

    /// <summary>Brings in the layers of one image, the lowest first.</summary>
    /// <returns>Their descriptors, with digest and size.</returns>
    public async Task<IReadOnlyList<Descriptor>> RunAsync(IReadOnlyList<IncomingLayer> layers, CancellationToken cancellationToken)
    {
        foreach (IncomingLayer layer in layers)
            progress?.Report(new LayerProgress(NameOf(layer), LayerStage.Waiting, 0, layer.Descriptor.Size));
        ImageUnpacking unpacking = _unpacking = store.Layers.Begin([.. layers.Select(static layer => layer.DiffId)], cancellationToken);
        var stored = new Descriptor[layers.Count];
        // The same layer twice in one image is transferred once: its places are one piece of work. The largest first, so that none of them is left for the end alone.
        List<int[]> work = [.. Enumerable.Range(0, layers.Count).GroupBy(index => NameOf(layers[index])).Select(static group => group.ToArray()).OrderByDescending(group => layers[group[0]].Descriptor.Size)];
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var turns = new SemaphoreSlim(parallel);
        List<Task> running = [];
        foreach (int[] places in work)
        {
            await turns.WaitAsync(CancellationToken.None).ConfigureAwait(false);
            if (stop.IsCancellationRequested)
                break;
            // A thread of its own: unpacking blocks, and the pool's threads are few and needed by the network.
            running.Add(Task.Factory.StartNew(() => Work(places), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        }
        await WhenAll(running).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        _ = unpacking.Commit();
        return stored;

        void Work(int[] places)
        {
            try
            {
                foreach (int index in places)
                    stored[index] = Bring(layers[index], unpacking.Missing.FirstOrDefault(one => one.Index == index), stop.Token);
            }
            catch
            {
                stop.Cancel();
                throw;
            }
            finally
            {
                _ = turns.Release();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _unpacking?.Dispose();

    private Descriptor Bring(IncomingLayer layer, LayerUnpacking? unpacking, CancellationToken cancellationToken)
    {
        Descriptor descriptor = layer.Descriptor;
        if (descriptor.Digest.IsValid)
        {
            lease.Add(descriptor.Digest);
            if (store.Content.SizeOf(descriptor.Digest) is { } size)
            {
                unpacking?.Unpack(new LayerBlob(layer.DiffId, descriptor.Digest, descriptor.Size, $"the layer {descriptor.Digest}", () => store.Content.Open(descriptor.Digest)));
                progress?.Report(new LayerProgress(NameOf(layer), LayerStage.Exists, size, size));
                return new Descriptor { MediaType = descriptor.MediaType, Digest = descriptor.Digest, Size = size };
            }
        }
        using ContentIngest ingest = store.Content.Ingest(descriptor.Digest, descriptor.Size, lease);
        using Stream rest = layer.Open(ingest, cancellationToken).GetAwaiter().GetResult();
        using var source = new IntakeStream(rest, ingest, sofar => progress?.Report(new LayerProgress(NameOf(layer), LayerStage.Transferring, sofar, descriptor.Size)), cancellationToken);
        try
        {
            unpacking?.Unpack(new LayerBlob(layer.DiffId, default, -1, $"the layer {NameOf(layer)}", () => source));
            source.Finish();
        }
        catch (StorageException wrong) when (wrong.Kind == StorageErrorKind.InvalidContent)
        {
            ingest.Discard(); // there is nothing to go on with
            throw;
        }
        Digest digest = ingest.Commit();
        progress?.Report(new LayerProgress(NameOf(layer), LayerStage.Done, ingest.Offset, ingest.Offset));
        return new Descriptor { MediaType = descriptor.MediaType, Digest = digest, Size = ingest.Offset };
    }

    /// <summary>Waits for all of them, and throws what the first has thrown that was not merely stopped because of another.</summary>
    private static async Task WhenAll(List<Task> tasks)
    {
        try
        {
            await Task.WhenAll(tasks).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (tasks.Find(static task => task.Exception?.InnerException is { } cause and not OperationCanceledException) is { } failed)
        {
            await failed.ConfigureAwait(false);
        }
    }

    private static Digest NameOf(IncomingLayer layer) => layer.Descriptor.Digest.IsValid ? layer.Descriptor.Digest : layer.DiffId;

    /// <summary>The layer from its beginning: what an earlier attempt has stored, and then what comes now, stored while it is read. Closing it leaves what it reads from open.</summary>
    private sealed class IntakeStream(Stream rest, ContentIngest ingest, Action<long> moved, CancellationToken cancellationToken) : ForwardStream
    {
        // A decompressor asks for a few kilobytes at a time; the network and the disk are asked for more.
        private readonly byte[] _buffer = new byte[256 * 1024];
        private Stream? _stored = ingest.Offset > 0 ? ingest.Stored() : null;
        private int _next;
        private int _end;

        public override int Read(Span<byte> buffer)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_stored is not null)
            {
                int old = _stored.Read(buffer);
                if (old > 0 || buffer.Length == 0)
                    return old;
                _stored.Dispose();
                _stored = null;
            }
            if (_next == _end && !Fill())
                return 0;
            int read = Math.Min(buffer.Length, _end - _next);
            _buffer.AsSpan(_next, read).CopyTo(buffer);
            _next += read;
            return read;
        }

        private bool Fill()
        {
            (_next, _end) = (0, rest.ReadAsync(_buffer, cancellationToken).AsTask().GetAwaiter().GetResult());
            ingest.Write(_buffer.AsSpan(0, _end));
            if (_end > 0)
                moved(ingest.Offset);
            return _end > 0;
        }

        /// <summary>Reads what the archive's reader left: what lies behind a compressed stream's end belongs to the blob too.</summary>
        public void Finish()
        {
            _next = _end;
            while (Fill())
            {
            }
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _stored?.Dispose();
            _stored = null;
            base.Dispose(disposing);
        }
    }
}
