namespace Sampan.Registry;

/// <summary>Names without a registry, which are looked for in a list of registries (as containers-registries.conf(5), unqualified-search-registries).</summary>
public static class ShortNames
{
    /// <summary>The images that a name can mean, in the order in which they are to be tried: one for a name with a registry, else one for each registry of the list.</summary>
    /// <param name="text">The name as the user gave it.</param>
    /// <param name="registries">The registries to search; none is Docker Hub alone.</param>
    /// <exception cref="RegistryException">The text is not a reference, or a registry of the list is not a host.</exception>
    public static IReadOnlyList<ImageReference> Candidates(string text, IReadOnlyList<string> registries)
    {
        ImageReference whole = ImageReference.Parse(text);
        if (ImageReference.HasRegistry(text) || registries.Count == 0)
            return [whole];
        List<ImageReference> candidates = [];
        foreach (string registry in registries)
        {
            ImageReference candidate = ImageReference.Parse($"{registry}/{text}");
            if (!ImageReference.HasRegistry($"{registry}/"))
                throw new RegistryException(RegistryErrorKind.InvalidArgument, $"\"{registry}\" in the search list is not a registry: write its host with a dot or a port");
            if (!candidates.Contains(candidate))
                candidates.Add(candidate);
        }
        return candidates;
    }
}
