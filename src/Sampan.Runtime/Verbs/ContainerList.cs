using Sampan.Runtime.State;

namespace Sampan.Runtime.Verbs;

/// <summary><c>list</c>: all containers of a root.</summary>
public static class ContainerList
{
    /// <summary>Reports of all containers in the order of their ids. One that is being made or removed at this moment, or cannot be read, is told to <paramref name="unreadable"/> and passed over.</summary>
    public static List<ContainerReport> Read(StateRoot root, Action<string> unreadable)
    {
        var reports = new List<ContainerReport>();
        foreach (ContainerId id in root.List())
        {
            try
            {
                using StateDirectory? directory = root.Find(id);
                if (directory is not null && directory.TryLoad() is { } state)
                    reports.Add(new ContainerReport(state, Container.StatusOf(directory, state)));
                else if (directory is not null)
                    unreadable($"container {id} has no state: it is being created, or its create was killed (\"delete --force {id}\" removes it)");
            }
            catch (Exception error) when (error is RuntimeException or IOException)
            {
                unreadable($"load container {id}: {error.Message}");
            }
        }

        return reports;
    }
}
