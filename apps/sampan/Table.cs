using System.Text;

namespace Sampan.Command;

/// <summary>Rows of words under a head, in columns that are as wide as they must be, three blanks between them.</summary>
internal static class Table
{
    /// <summary>The table's text, a line for each row.</summary>
    public static string Of(string[] head, IReadOnlyList<string[]> rows)
    {
        List<string[]> all = [head, .. rows];
        int[] widths = [.. Enumerable.Range(0, head.Length).Select(column => all.Max(row => row[column].Length))];
        var text = new StringBuilder();
        foreach (string[] row in all)
        {
            for (int column = 0; column < row.Length - 1; column++)
                _ = text.Append(row[column].PadRight(widths[column] + 3));
            _ = text.Append(row[^1]).Append('\n');
        }
        return text.ToString();
    }
}
