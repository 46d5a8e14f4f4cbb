using System.Globalization;
using System.Text;
using Sampan.Kernel;
using Sampan.Oci;
using Sampan.Runtime.Hooks;

namespace Sampan.Runtime.Namespaces;

/// <summary>Writes the id maps of a new user namespace (user_namespaces(7)).</summary>
internal static class IdMaps
{
    /// <summary>
    /// Writes both maps of a process's user namespace. Where the runtime itself may not (it is not root and maps more than its own id), the setuid
    /// programs newuidmap and newgidmap do it by what /etc/subuid and /etc/subgid allow.
    /// </summary>
    /// <exception cref="RuntimeException">A map is not accepted.</exception>
    public static void Write(int pid, IReadOnlyList<LinuxIdMapping> uids, IReadOnlyList<LinuxIdMapping> gids, bool denySetGroups)
    {
        bool direct = Syscalls.GetEuid() == 0;
        if (!direct && IsOwnIdAlone(uids, Syscalls.GetEuid()) && IsOwnIdAlone(gids, Syscalls.GetEgid()))
            (direct, denySetGroups) = (true, true);
        if (denySetGroups)
            WriteFile(pid, "setgroups", "deny", "linux.gidMappings");
        if (direct)
        {
            WriteFile(pid, "uid_map", Format(uids, '\n'), "linux.uidMappings");
            WriteFile(pid, "gid_map", Format(gids, '\n'), "linux.gidMappings");
            return;
        }
        RunProgram("newuidmap", pid, uids, "linux.uidMappings", "/etc/subuid");
        RunProgram("newgidmap", pid, gids, "linux.gidMappings", "/etc/subgid");
    }

    private static bool IsOwnIdAlone(IReadOnlyList<LinuxIdMapping> maps, uint id) => maps.Count == 1 && maps[0].Size == 1 && maps[0].HostId == id;

    private static void WriteFile(int pid, string name, string text, string field)
    {
        Errno error = Syscalls.TryOpenAt(Syscalls.WorkingDirectory, $"/proc/{pid}/{name}", OpenFlags.WriteOnly, 0, out FileDescriptor? file);
        using (file)
        {
            int result = file is null ? -(int)error : Syscalls.TryWrite(file, Encoding.ASCII.GetBytes(text));
            if (result >= 0)
                return;
            string map = text.TrimEnd().Replace('\n', ';');
            string shown = map.Length <= 100 ? map : $"{map[..100]}…";
            string size = text.Length >= Environment.SystemPageSize ? $" (a map has less than {Environment.SystemPageSize} bytes of text, and this one has {text.Length}: use fewer ranges)" : "";
            throw new RuntimeException($"{field}: the kernel refused the map \"{shown}\": {KernelException.Describe((Errno)(-result))}{size}", RuntimeErrorKind.InvalidArgument);
        }
    }

    private static string Format(IReadOnlyList<LinuxIdMapping> maps, char end)
    {
        var text = new StringBuilder();
        foreach (LinuxIdMapping map in maps)
            _ = text.Append(CultureInfo.InvariantCulture, $"{map.ContainerId} {map.HostId} {map.Size}{end}");
        return text.ToString();
    }

    private static void RunProgram(string name, int pid, IReadOnlyList<LinuxIdMapping> maps, string field, string allowance)
    {
        List<string> arguments = [name, pid.ToString(CultureInfo.InvariantCulture)];
        foreach (string word in Format(maps, ' ').Split(' ', StringSplitOptions.RemoveEmptyEntries))
            arguments.Add(word);
        string? path = HostProgram.Find(name);
        if (path is null)
            throw new RuntimeException($"{field}: {name} is needed to map more than one's own id without being root, and is not installed (Debian: package uidmap)");
        HostProgramResult result = HostProgram.Run(path, arguments, [], default, TimeSpan.FromSeconds(10));
        if (!result.Succeeded)
            throw new RuntimeException($"{field}: {name} refused the map: {result.Describe()}; {allowance} says which ids a user may map", RuntimeErrorKind.InvalidArgument);
    }
}
