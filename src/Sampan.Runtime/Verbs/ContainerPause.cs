using Sampan.Runtime.Cgroups;
using Sampan.Runtime.State;

namespace Sampan.Runtime.Verbs;

/// <summary><c>pause</c> and <c>resume</c>: the freezer of the container's cgroup.</summary>
public static class ContainerPause
{
    /// <summary>Stops every process of a running or created container until <see cref="Resume"/>.</summary>
    /// <exception cref="RuntimeException">It is not running, has no cgroup, or did not stop.</exception>
    public static void Pause(Container container)
    {
        using IDisposable held = container.Directory.Lock();
        if (container.Status() is not (ContainerStatus.Running or ContainerStatus.Created))
            throw new RuntimeException("container not running", RuntimeErrorKind.WrongState);
        using Cgroup cgroup = container.OpenCgroup("pause");
        cgroup.Freeze();
    }

    /// <summary>Lets a paused container go on.</summary>
    /// <exception cref="RuntimeException">It is not paused.</exception>
    public static void Resume(Container container)
    {
        using IDisposable held = container.Directory.Lock();
        if (container.Status() != ContainerStatus.Paused)
            throw new RuntimeException("container not paused", RuntimeErrorKind.WrongState);
        using Cgroup cgroup = container.OpenCgroup("resume");
        cgroup.Thaw();
    }
}
