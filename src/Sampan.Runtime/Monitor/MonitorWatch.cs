namespace Sampan.Runtime.Monitor;

/// <summary>The second stage of a monitor, the verb <c>monitor-watch</c>: waits for the container's end with as little memory as a managed program can have.</summary>
public static class MonitorWatch
{
    /// <summary>Watches the container whose descriptors the words name.</summary>
    public static int Run(IReadOnlyList<string> words)
    {
        MonitoredContainer container = MonitoredContainer.TakeOver(new MonitorSettings(words));
        if (new MonitorLoop(container).Run(handOverAfter: -1) is { } status)
            MonitorEnd.Run(container, status);
        return 0;
    }
}
