using Sampan.Kernel;

namespace Sampan.Tests.Integration.Leaks;

/// <summary>Four threads that allocate and one that forces collections, as a .NET program that embeds Sampan has them, until disposed.</summary>
internal sealed class BusyCollector : IDisposable
{
    private readonly List<Thread> _threads = [];
    private readonly int _pause;
    private volatile bool _stop;

    /// <param name="pause">Milliseconds between two collections: every call of the kernel waits for the one that is under way.</param>
    public BusyCollector(int pause = 0)
    {
        _pause = pause;
        for (int i = 0; i < 4; i++)
            _threads.Add(new Thread(Allocate));
        _threads.Add(new Thread(Collect));
        foreach (Thread thread in _threads)
            thread.Start();
    }

    public int Collections { get; private set; }

    public void Dispose()
    {
        _stop = true;
        foreach (Thread thread in _threads)
            thread.Join();
    }

    private void Allocate()
    {
        List<byte[]> kept = [];
        while (!_stop)
        {
            kept.Add(new byte[Random.Shared.Next(16, 4096)]);
            if (kept.Count > 2000)
            {
                kept.Clear();
                if (_pause > 0)
                    _ = Syscalls.Poll([], _pause);
            }
        }
    }

    private void Collect()
    {
        while (!_stop)
        {
            GC.Collect(Collections % 3);
            Collections++;
            if (_pause > 0)
                _ = Syscalls.Poll([], _pause);
        }
    }
}
