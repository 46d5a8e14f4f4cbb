using System.Text;

namespace Sampan.Registry;

/// <summary>One challenge of a WWW-Authenticate header (RFC 9110, 11.6.1): a scheme and its parameters.</summary>
/// <param name="Scheme">The scheme in lower case: <c>bearer</c>, <c>basic</c>.</param>
/// <param name="Parameters">The parameters, their names in lower case.</param>
public sealed record AuthenticationChallenge(string Scheme, IReadOnlyDictionary<string, string> Parameters)
{
    /// <summary>Reads all challenges of a header's values. What is malformed ends the value it stands in; what was read before counts.</summary>
    public static IReadOnlyList<AuthenticationChallenge> Parse(IEnumerable<string> values)
    {
        List<AuthenticationChallenge> challenges = [];
        foreach (string value in values)
            ParseValue(value, challenges);
        return challenges;
    }

    private static void ParseValue(string text, List<AuthenticationChallenge> challenges)
    {
        int i = 0;
        Dictionary<string, string>? parameters = null;
        while (true)
        {
            while (i < text.Length && (text[i] is ',' || char.IsWhiteSpace(text[i])))
                i++;
            string token = Token(text, ref i);
            if (token.Length == 0)
                return;
            int afterToken = i;
            SkipSpace(text, ref i);
            if (i < text.Length && text[i] == '=' && parameters is not null)
            {
                i++;
                SkipSpace(text, ref i);
                if (i < text.Length && text[i] == '"')
                {
                    if (Quoted(text, ref i) is not { } quoted)
                        return;
                    parameters[token.ToLowerInvariant()] = quoted;
                }
                else
                {
                    parameters[token.ToLowerInvariant()] = Token(text, ref i);
                }
                continue;
            }
            // A name that no '=' follows begins the next challenge.
            i = afterToken;
            parameters = [];
            challenges.Add(new AuthenticationChallenge(token.ToLowerInvariant(), parameters));
        }
    }

    private static void SkipSpace(string text, ref int i)
    {
        while (i < text.Length && text[i] is (' ' or '\t'))
            i++;
    }

    private static string Token(string text, ref int i)
    {
        int start = i;
        while (i < text.Length && (char.IsAsciiLetterOrDigit(text[i]) || "!#$%&'*+-.^_`|~/:".Contains(text[i], StringComparison.Ordinal)))
            i++;
        return text[start..i];
    }

    private static string? Quoted(string text, ref int i)
    {
        StringBuilder value = new();
        for (i++; i < text.Length; i++)
        {
            if (text[i] == '"')
            {
                i++;
                return value.ToString();
            }
            if (text[i] == '\\' && i + 1 < text.Length)
                i++;
            value.Append(text[i]);
        }
        return null;
    }
}
