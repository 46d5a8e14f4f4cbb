using System.Runtime.InteropServices;
using System.Text.Json;
using Sampan.Oci;

namespace Sampan.Engine.Containers;

/// <summary>
/// A seccomp profile in Docker's form (<c>archMap</c>, rules with <c>includes</c> and <c>excludes</c>) made into the runtime's form for this machine
/// and a set of capabilities; a profile that already is in the runtime's form stays as it is.
/// </summary>
internal static class SeccompProfile
{
    public static LinuxSeccomp Parse(byte[] json, IReadOnlyList<string> capabilities)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 32 });
            JsonElement root = document.RootElement;
            var profile = new LinuxSeccomp
            {
                DefaultAction = Text(root, "defaultAction"),
                DefaultErrnoRet = root.TryGetProperty("defaultErrnoRet", out JsonElement errno) ? errno.GetUInt32() : null,
                Architectures = Architectures(root),
                Flags = root.TryGetProperty("flags", out JsonElement flags) ? Texts(flags) : null,
                Syscalls = [],
            };
            foreach (JsonElement rule in Members(root, "syscalls"))
            {
                if (Applies(rule, capabilities))
                    profile.Syscalls.Add(Rule(rule));
            }
            return profile;
        }
        catch (Exception cause) when (JsonFault.Is(cause))
        {
            throw new EngineException(ErrorKind.InvalidArgument, $"the seccomp profile is malformed: {JsonFault.Describe(cause)}", cause);
        }
    }

    private static string Machine => RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64";

    private static List<string>? Architectures(JsonElement root)
    {
        if (root.TryGetProperty("architectures", out JsonElement given) && given.ValueKind == JsonValueKind.Array)
            return Texts(given);
        string native = Machine == "arm64" ? "SCMP_ARCH_AARCH64" : "SCMP_ARCH_X86_64";
        foreach (JsonElement map in Members(root, "archMap"))
        {
            if (map.GetProperty("architecture").GetString() == native)
                return [native, .. map.TryGetProperty("subArchitectures", out JsonElement below) && below.ValueKind == JsonValueKind.Array ? Texts(below) : []];
        }
        return null;
    }

    private static bool Applies(JsonElement rule, IReadOnlyList<string> capabilities)
    {
        if (rule.TryGetProperty("includes", out JsonElement includes) && includes.ValueKind == JsonValueKind.Object)
        {
            if (Texts(includes, "caps") is { Count: > 0 } wanted && !wanted.TrueForAll(capabilities.Contains))
                return false;
            if (Texts(includes, "arches") is { Count: > 0 } machines && !machines.Contains(Machine))
                return false;
            if (includes.TryGetProperty("minKernel", out JsonElement minimum) && Version.TryParse(minimum.GetString(), out Version? version) && Environment.OSVersion.Version < version)
                return false;
        }
        if (rule.TryGetProperty("excludes", out JsonElement excludes) && excludes.ValueKind == JsonValueKind.Object)
        {
            if (Texts(excludes, "caps").Exists(capabilities.Contains) || Texts(excludes, "arches").Contains(Machine))
                return false;
        }
        return true;
    }

    private static LinuxSyscall Rule(JsonElement rule)
    {
        var arguments = new List<LinuxSeccompArg>();
        foreach (JsonElement argument in Members(rule, "args"))
        {
            arguments.Add(new LinuxSeccompArg
            {
                Index = argument.GetProperty("index").GetUInt32(),
                Value = argument.GetProperty("value").GetUInt64(),
                ValueTwo = argument.TryGetProperty("valueTwo", out JsonElement second) ? second.GetUInt64() : 0,
                Op = Text(argument, "op"),
            });
        }
        List<string> names = Texts(rule, "names");
        if (rule.TryGetProperty("name", out JsonElement name) && name.GetString() is { Length: > 0 } single)
            names.Add(single);
        return new LinuxSyscall
        {
            Names = names,
            Action = Text(rule, "action"),
            ErrnoRet = rule.TryGetProperty("errnoRet", out JsonElement errno) && errno.ValueKind == JsonValueKind.Number ? errno.GetUInt32() : null,
            Args = arguments.Count == 0 ? null : arguments,
        };
    }

    private static JsonElement.ArrayEnumerator Members(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : default;

    private static List<string> Texts(JsonElement parent, string name) => Members(parent, name).Select(static text => text.GetString() ?? "").ToList();

    private static List<string> Texts(JsonElement list) => list.EnumerateArray().Select(static text => text.GetString() ?? "").ToList();

    private static string Text(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement text) && text.ValueKind == JsonValueKind.String
            ? text.GetString()!
            : throw new EngineException(ErrorKind.InvalidArgument, $"the seccomp profile is malformed: an object without the text \"{name}\"");
}
