using System.Globalization;
using System.Text.RegularExpressions;

namespace Sampan.Tests.Integration.Leaks;

/// <summary>
/// What the compiler made of the loop that the cloned child runs (docs/decisions/0003-child-replays-operations.md): nothing in it may look at the
/// collector's flag or leave the loop's own functions, for in the child nobody would ever answer.
/// </summary>
public sealed partial class ReplayDisassembly
{
    private const string Loop = "ChildReplay__";

    [Fact]
    public void The_childs_loop_has_no_poll_and_calls_nothing_outside_itself()
    {
        string symbols = Path.Combine(Executables.Place, "../publish/sampan-runtime/sampan-runtime.dbg");
        Assert.SkipUnless(File.Exists(symbols), "the symbols of sampan-runtime (out/publish) are not there: build.sh leaves them");
        (int status, string names, string error) = Executables.Run("nm", "--defined-only", "--print-size", symbols);
        Assert.True(status == 0, error);
        Symbol[] all = [.. names.Split('\n').Select(Symbol.Parse).OfType<Symbol>()];
        Symbol[] loop = [.. all.Where(s => s.Name.Contains(Loop, StringComparison.Ordinal) && s.Size > 0)];
        Assert.NotEmpty(loop);
        Dictionary<ulong, string> forbidden = all.Where(s => Poll().IsMatch(s.Name)).DistinctBy(s => s.Address).ToDictionary(s => s.Address, s => s.Name);
        Assert.Contains("RhpTrapThreads", forbidden.Values);

        List<string> offenders = [];
        foreach (Symbol function in loop)
            offenders.AddRange(Offenders(function, loop, forbidden));
        Assert.True(offenders.Count == 0, $"against the rule:\n  {string.Join("\n  ", offenders)}");
    }

    private static IEnumerable<string> Offenders(Symbol function, Symbol[] loop, Dictionary<ulong, string> forbidden)
    {
        (int status, string code, string error) = Executables.Run(
            "objdump", "--disassemble", "--no-show-raw-insn", $"--start-address=0x{function.Address:x}", $"--stop-address=0x{function.Address + function.Size:x}", Executables.Runtime);
        Assert.True(status == 0, error);
        string[] instructions = [.. code.Split('\n').Where(l => Instruction().IsMatch(l))];
        Assert.NotEmpty(instructions);
        foreach (string instruction in instructions)
        {
            foreach (Match number in Number().Matches(instruction))
            {
                if (ulong.TryParse(number.Groups[1].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong address) && forbidden.TryGetValue(address, out string? name))
                    yield return $"{function.Name}: {instruction.Trim()} reaches {name}";
            }
            Match branch = Branch().Match(instruction);
            if (branch.Success && !loop.Any(s => s.Holds(ulong.Parse(branch.Groups[1].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture))))
                yield return $"{function.Name}: {instruction.Trim()} leaves the loop";
        }
    }

    [GeneratedRegex("^(RhpTrapThreads|RhpGcPoll.*)$")]
    private static partial Regex Poll();

    [GeneratedRegex(@"^\s*[0-9a-f]+:\s+\S")]
    private static partial Regex Instruction();

    [GeneratedRegex(@"(?:0x|\s)([0-9a-f]{5,16})\b")]
    private static partial Regex Number();

    [GeneratedRegex(@"\b(?:call|j[a-z]+)\s+(?:0x)?([0-9a-f]+)\b")]
    private static partial Regex Branch();

    private sealed record Symbol(string Name, ulong Address, ulong Size)
    {
        public bool Holds(ulong address) => address >= Address && address < Address + Size;

        /// <summary>A line of nm: address, size where there is one, kind, name.</summary>
        public static Symbol? Parse(string line)
        {
            string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return fields.Length switch
            {
                4 => new Symbol(fields[3], Hex(fields[0]), Hex(fields[1])),
                3 => new Symbol(fields[2], Hex(fields[0]), 0),
                _ => null,
            };
        }

        private static ulong Hex(string text) => ulong.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
