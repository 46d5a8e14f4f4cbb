using CsCheck;
using Sampan.Oci;
using Spec = Sampan.Oci.Spec;

namespace Sampan.Tests.Unit.Oci;

/// <summary>Whatever the text, reading and validating end with a result or a SpecException.</summary>
public sealed class MutationTests
{
    private static readonly string[] s_fragments =
        ["null", "-1", "1e999", "\"\\ud800\"", "{}", "[]", "\"", "\\", ",", ":", "}", "]", "18446744073709551616", "\u0000", "\"\\u0000\"", "\"a\nb\"", "true", "ä", "/*"];

    [Fact]
    public void RandomDamageGivesASpecExceptionOrAResult()
    {
        Gen<(int, int, int, byte)[]> damage = Gen.Select(Gen.Int[0, 8000], Gen.Int[0, 40], Gen.Int[0, s_fragments.Length], Gen.Byte).Array[1, 4];
        Gen.Select(Gen.Enum<DocumentKind>(), damage).Sample((kind, places) =>
        {
            var text = new List<byte>(Samples.Utf8(kind.Sample()));
            foreach ((int position, int removed, int fragment, byte single) in places)
            {
                int at = position % (text.Count + 1);
                text.RemoveRange(at, Math.Min(removed, text.Count - at));
                text.InsertRange(at, fragment == s_fragments.Length ? [single] : Samples.Utf8(s_fragments[fragment]));
            }
            Try(kind, [.. text]);
        }, iter: 20_000);
    }

    [Fact]
    public void EveryBeginningOfADocumentIsRefused()
    {
        foreach (DocumentKind kind in Enum.GetValues<DocumentKind>())
        {
            byte[] text = Samples.Utf8(kind.Sample().TrimEnd());
            for (int length = 0; length < text.Length; length++)
                Assert.Throws<SpecException>(() => kind.Parse(text[..length]));
        }
    }

    private static void Try(DocumentKind kind, byte[] text)
    {
        SpecObject read;
        try
        {
            read = kind.Parse(text);
        }
        catch (SpecException refused)
        {
            Assert.DoesNotContain(refused.Message, char.IsControl);
            return;
        }
        Assert.NotEmpty(read.ToJson(false));
        SpecException? broken = read switch
        {
            Spec spec => SpecValidation.FirstProblem(spec),
            Process process => SpecValidation.FirstProblem(process),
            LinuxResources resources => SpecValidation.FirstProblem(resources),
            _ => null,
        };
        if (broken is not null)
            Assert.DoesNotContain(broken.Message, char.IsControl);
        if (read is Spec warned)
            Assert.All(SpecValidation.Warnings(warned), warning => Assert.DoesNotContain(warning, char.IsControl));
    }
}
