using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Sampan.Oci;

namespace Sampan.Registry;

/// <content>The grammar.</content>
public sealed partial record ImageReference
{
    private const string TagRule = "1 to 128 letters, digits, '_', '.' and '-', the first neither '.' nor '-'";

    /// <summary>Whether the text begins with a registry, so that no search list is asked for it.</summary>
    public static bool HasRegistry(string text)
    {
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && IsRegistryPart(text[..slash]);
    }

    // As distribution's splitDockerDomain: what could as well be a directory of Docker Hub is one.
    private static bool IsRegistryPart(string part) =>
        part == "localhost" || part.AsSpan().IndexOfAny('.', ':') >= 0 || part.StartsWith('[') || part.Any(char.IsAsciiLetterUpper);

    private static ImageReference? Read(string text, out string? problem)
    {
        problem = null;
        string rest = text;
        Digest? digest = null;
        int at = rest.IndexOf('@', StringComparison.Ordinal);
        if (at >= 0)
        {
            if (!Oci.Digest.TryParse(rest[(at + 1)..], out Digest parsed))
                problem = "after the @ must come sha256: and 64, or sha512: and 128 lower-case hexadecimal digits";
            digest = parsed;
            rest = rest[..at];
        }
        string registry = DefaultRegistry;
        if (HasRegistry(rest))
        {
            int slash = rest.IndexOf('/', StringComparison.Ordinal);
            registry = rest[..slash];
            rest = rest[(slash + 1)..];
            problem ??= RegistryProblem(registry);
        }
        string? tag = null;
        int colon = rest.LastIndexOf(':');
        if (colon >= 0)
        {
            tag = rest[(colon + 1)..];
            rest = rest[..colon];
            if (!IsTag(tag))
                problem ??= $"the tag after the last ':' must be {TagRule}";
        }
        problem ??= RepositoryProblem(rest);
        if (problem is not null)
            return null;
        if (tag is null && digest is null && registry == DefaultRegistry && text == rest && rest.Length == 64 && rest.All(char.IsAsciiHexDigitLower))
        {
            problem = "64 hexadecimal digits are an image's id, which a registry does not know";
            return null;
        }
        return Make(registry, rest, tag, digest, out problem);
    }

    private static ImageReference? Make(string registry, string repository, string? tag, Digest? digest, out string? problem)
    {
        if (registry == "index.docker.io")
            registry = DefaultRegistry;
        if (registry == DefaultRegistry && !repository.Contains('/'))
            repository = "library/" + repository;
        problem = registry.Length + 1 + repository.Length > MaximumNameLength ? $"registry and path together have more than {MaximumNameLength} characters" : null;
        return problem is null ? new ImageReference(registry, repository, tag ?? (digest is null ? DefaultTag : null), digest) : null;
    }

    private static bool IsTag(string text) => text.Length is > 0 and <= 128 && text[0] is not ('.' or '-')
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');

    /// <summary>What is wrong with a host and port, or null.</summary>
    internal static string? RegistryProblem(string registry)
    {
        string host = registry;
        int bracket = registry.StartsWith('[') ? registry.IndexOf(']', StringComparison.Ordinal) : -1;
        int colon = registry.IndexOf(':', bracket + 1);
        if (registry.StartsWith('[') && bracket < 0)
            return "the registry's bracket is not closed behind an IPv6 address";
        if (colon >= 0)
        {
            host = registry[..colon];
            string port = registry[(colon + 1)..];
            if (!port.All(char.IsAsciiDigit) || !int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number is 0 or > 65535)
                return "the registry's port must be a number from 1 to 65535 (an IPv6 address stands in brackets)";
        }
        if (host.StartsWith('['))
        {
            bool address = host.EndsWith(']') && !host.Contains('%') && IPAddress.TryParse(host[1..^1], out IPAddress? ip) && ip.AddressFamily == AddressFamily.InterNetworkV6;
            return address ? null : "the registry in brackets is not an IPv6 address";
        }
        foreach (string label in host.Split('.'))
        {
            if (label.Length == 0 || label[0] == '-' || label[^1] == '-' || !label.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
                return "the registry's host must be labels of letters, digits and inner '-', joined by dots";
        }
        return null;
    }

    private static string? RepositoryProblem(string repository)
    {
        if (repository.Length == 0)
            return "the name is empty";
        if (repository.Any(char.IsAsciiLetterUpper))
            return "the path must be in lower case";
        foreach (string component in repository.Split('/'))
        {
            if (!IsComponent(component))
                return "each part of the path must be lower-case letters and digits, separated by '.', '_', '__' or any number of '-'";
        }
        return null;
    }

    private static bool IsComponent(string component)
    {
        int i = 0;
        while (true)
        {
            int start = i;
            while (i < component.Length && (char.IsAsciiLetterLower(component[i]) || char.IsAsciiDigit(component[i])))
                i++;
            if (i == start)
                return false;
            if (i == component.Length)
                return true;
            start = i;
            while (i < component.Length && component[i] is '.' or '_' or '-')
                i++;
            string separator = component[start..i];
            if (separator is not ("." or "_" or "__") && separator.Trim('-').Length != 0)
                return false;
            if (separator.Length == 0)
                return false;
        }
    }
}
