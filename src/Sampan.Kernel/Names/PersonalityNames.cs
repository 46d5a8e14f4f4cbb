namespace Sampan.Kernel;

/// <summary>Execution domains of personality(2) as the runtime specification spells them (config-linux.md, Personality).</summary>
public static class PersonalityNames
{
    /// <summary>Domains: LINUX is 0, LINUX32 is PER_LINUX32 (uname(2) reports a 32-bit machine).</summary>
    public static readonly NameTable Domains = new(("LINUX", 0), ("LINUX32", 8));
}
