namespace Sampan.Runtime.State;

/// <summary>Where a container is in its life: runtime.md of the OCI specification, "state", and <c>paused</c> of runc.</summary>
public enum ContainerStatus
{
    /// <summary>Being made: hooks may run, no process of the user's yet.</summary>
    Creating,

    /// <summary>Made, and waiting for <c>start</c>.</summary>
    Created,

    /// <summary>The user's process runs.</summary>
    Running,

    /// <summary>The user's process has ended.</summary>
    Stopped,

    /// <summary>The user's process exists and is frozen.</summary>
    Paused,
}

/// <summary>Names of <see cref="ContainerStatus"/> as the specification spells them.</summary>
public static class ContainerStatusNames
{
    /// <summary>The status in the specification's lower-case spelling.</summary>
    public static string ToText(this ContainerStatus status) => status switch
    {
        ContainerStatus.Creating => "creating",
        ContainerStatus.Created => "created",
        ContainerStatus.Running => "running",
        ContainerStatus.Stopped => "stopped",
        _ => "paused",
    };
}
