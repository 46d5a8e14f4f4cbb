using Sampan.Kernel;
using Sampan.Runtime.Cgroups;
using Sampan.Runtime.State;

namespace Sampan.Runtime.Verbs;

/// <summary><c>events</c>: what a container uses, and when its memory runs out.</summary>
public static class ContainerEvents
{
    /// <summary>Hands out one line of statistics.</summary>
    /// <exception cref="RuntimeException">The container is not running.</exception>
    public static void Once(Container container, Action<byte[]> line)
    {
        using Cgroup cgroup = Open(container);
        line(EventJson.Statistics(container.State.Id.Text, cgroup.Statistics()));
    }

    /// <summary>Hands out a line of statistics each <paramref name="interval"/> and a line each time memory runs out, until the container has ended.</summary>
    /// <exception cref="RuntimeException">The container is not running, or nothing tells when its memory runs out.</exception>
    public static void Follow(Container container, TimeSpan interval, Action<byte[]> line)
    {
        using Cgroup cgroup = Open(container);
        using FileDescriptor? process = ContainerKill.OpenProcess(container.State.Process);
        using FileDescriptor timer = Syscalls.TimerFdCreate();
        Syscalls.TimerFdSetTime(timer, interval, interval);
        using OomWatch watch = cgroup.WatchOom();
        bool watching = true;
        string id = container.State.Id.Text;
        Span<PollDescriptor> entries = stackalloc PollDescriptor[3];
        while (process is not null)
        {
            entries[0] = new PollDescriptor(watching ? watch.Descriptor : null, PollEvents.In);
            entries[1] = new PollDescriptor(timer, PollEvents.In);
            entries[2] = new PollDescriptor(process, PollEvents.In);
            _ = Syscalls.Poll(entries, -1);
            if (entries[0].Returned != 0)
            {
                int? times = watch.Read();
                watching = times is not null;
                for (int i = 0; i < (times ?? 0); i++)
                    line(EventJson.OutOfMemory(id));
            }

            if (entries[2].Returned != 0)
                return;
            if (entries[1].Returned != 0 && Syscalls.ReadCounter(timer) > 0)
                line(EventJson.Statistics(id, cgroup.Statistics()));
        }
    }

    private static Cgroup Open(Container container) => container.Status() == ContainerStatus.Stopped
        ? throw new RuntimeException($"container with id {container.State.Id} is not running", RuntimeErrorKind.WrongState)
        : container.OpenCgroup("report use");
}
