using Sampan.Engine;
using Sampan.Engine.Containers;
using Sampan.Kernel;

namespace Sampan.Command.Commands;

/// <summary>What commands on several containers have in common: each for itself, its word printed when it succeeded, the failure of one not stopping the others.</summary>
internal static class ContainerLoop
{
    /// <summary>Does something with each container that is named.</summary>
    /// <returns>0 when all succeeded, else 1.</returns>
    public static int ForEach(ContainerEngine engine, string[] words, Action<StoredContainer> action, bool print = true)
    {
        int result = 0;
        foreach (string word in words)
        {
            try
            {
                action(engine.Store.Find(word));
                if (print)
                    Output.Line(word);
            }
            catch (Exception error) when (error is EngineException or KernelException)
            {
                Output.Error(error.Message);
                result = 1;
            }
        }
        return result;
    }
}
