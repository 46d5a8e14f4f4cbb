using System.Reflection;
using Sampan.Runtime.Verbs;

namespace Sampan.RuntimeCommand;

/// <summary>The program's version, and what <c>--version</c> prints: the lines that dockerd and others read from runc.</summary>
internal static class ProgramVersion
{
    /// <summary>As in <c>1.2.3</c>.</summary>
    public static string Number { get; } = typeof(ProgramVersion).Assembly.GetName().Version is { } version ? version.ToString(3) : "0.0.0";

    /// <summary>The lines of <c>--version</c>. Callers look for the word "version" in the first and for "commit:" and "spec:".</summary>
    public static string Text
    {
        get
        {
            string commit = typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? Number;
            return $"sampan-runtime version {Number}\ncommit: {commit}\nspec: {ContainerReport.OciVersion}\n";
        }
    }
}
