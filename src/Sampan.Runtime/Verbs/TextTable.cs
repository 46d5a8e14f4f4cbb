using System.Text;

namespace Sampan.Runtime.Verbs;

/// <summary>Columns of text, padded with spaces as Go's tabwriter does: the last column is not padded.</summary>
internal static class TextTable
{
    public static string Format(List<string[]> rows, int leastWidth, int gap)
    {
        int[] widths = new int[rows[0].Length];
        foreach (string[] row in rows)
        {
            for (int column = 0; column < row.Length; column++)
                widths[column] = Math.Max(widths[column], Math.Max(leastWidth, row[column].Length + gap));
        }

        var text = new StringBuilder();
        foreach (string[] row in rows)
        {
            for (int column = 0; column < row.Length - 1; column++)
                text.Append(row[column].PadRight(widths[column]));
            text.Append(row[^1]).Append('\n');
        }

        return text.ToString();
    }
}
