using System.Collections;
using System.Reflection;
using CsCheck;
using Sampan.Oci;
using Spec = Sampan.Oci.Spec;

namespace Sampan.Tests.Unit.Oci;

/// <summary>Whatever a document says, it says the same after it was written and read: objects of every type with random members.</summary>
public sealed class RoundTripTests
{
    [Fact]
    public void WrittenAndReadIsTheSame() => Gen.Select(Gen.Enum<DocumentKind>(), Gen.Int).Sample((kind, seed) =>
    {
        var original = (SpecObject)Make(TypeOf(kind), new Random(seed), 0)!;
        byte[] text = original.ToJson(seed % 2 == 0);
        SpecObject read = kind.Parse(text);
        string? difference = Difference(original, read, kind.ToString());
        Assert.True(difference is null, $"{difference}\n{System.Text.Encoding.UTF8.GetString(text)}");
        Assert.Equal(text, read.ToJson(seed % 2 == 0));
    }, iter: 3_000);

    private static Type TypeOf(DocumentKind kind) => kind switch
    {
        DocumentKind.Spec => typeof(Spec),
        DocumentKind.Process => typeof(Process),
        DocumentKind.Resources => typeof(LinuxResources),
        DocumentKind.State => typeof(State),
        DocumentKind.Features => typeof(Features),
        DocumentKind.Descriptor => typeof(Descriptor),
        DocumentKind.ImageIndex => typeof(ImageIndex),
        DocumentKind.ImageManifest => typeof(ImageManifest),
        DocumentKind.ImageConfig => typeof(ImageConfig),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private static object? Make(Type type, Random random, int depth)
    {
        if (type == typeof(string))
            return Text(random);
        if (type == typeof(bool))
            return random.Next(2) == 0;
        if (type == typeof(Digest))
            return Digest.FromHash(Bytes(random, random.Next(2) == 0 ? 32 : 64));
        if (type == typeof(int))
            return random.Next(-1000, 1001); // oomScoreAdj has the narrowest range
        if (type == typeof(ushort))
            return (ushort)random.Next(65536);
        if (type == typeof(uint))
            return random.Next(3) == 0 ? uint.MaxValue : (uint)random.NextInt64(1L << 32);
        if (type == typeof(long))
            return random.Next(3) == 0 ? long.MaxValue : random.NextInt64(0, long.MaxValue); // memory limits begin at -1, sizes at 0
        if (type == typeof(ulong))
            return random.Next(3) == 0 ? ulong.MaxValue : BitConverter.ToUInt64(Bytes(random, 8));
        if (typeof(IDictionary).IsAssignableFrom(type))
            return Collection(type, random, map: true, depth);
        if (typeof(IList).IsAssignableFrom(type))
            return Collection(type, random, map: false, depth);
        return Object(type, random, depth);
    }

    private static object Object(Type type, Random random, int depth)
    {
        object made = Activator.CreateInstance(type)!;
        foreach (PropertyInfo property in type.GetProperties().Where(p => p.CanWrite))
        {
            Type inner = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            bool required = property.GetValue(made) is not null || inner == typeof(Digest);
            if (required || random.Next(3) != 0)
                property.SetValue(made, Make(inner, random, depth + 1));
        }
        return made;
    }

    private static object Collection(Type type, Random random, bool map, int depth)
    {
        object made = Activator.CreateInstance(type)!;
        Type inner = type.GetGenericArguments()[^1];
        int count = random.Next(depth > 6 ? 1 : 4);
        for (int i = 0; i < count; i++)
        {
            object value = Make(inner, random, depth + 1)!;
            if (map)
                ((IDictionary)made)[Text(random)] = value;
            else if (!((IList)made).Contains(value)) // what stands for a set has each name once
                ((IList)made).Add(value);
        }
        return made;
    }

    private static string Text(Random random)
    {
        const string Alphabet = "ab/.\"\\\n\t\u0001\u007f<>&'+äß€漢\u2028=:";
        string text = random.Next(10) == 0 ? "😀" : "";
        for (int i = random.Next(1, 8); i > 0; i--)
            text += Alphabet[random.Next(Alphabet.Length)];
        return text;
    }

    private static byte[] Bytes(Random random, int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static string? Difference(object? expected, object? found, string path)
    {
        if (expected is null || found is null || expected is string || expected.GetType().IsValueType)
            return Equals(expected, found) ? null : $"{path}: expected {expected ?? "nothing"}, found {found ?? "nothing"}";
        if (expected is IDictionary map)
        {
            var other = (IDictionary)found;
            return map.Count != other.Count ? $"{path}: {map.Count} entries became {other.Count}"
                : map.Keys.Cast<string>().Select(key => Difference(map[key], other[key], $"{path}[{key}]")).FirstOrDefault(d => d is not null);
        }
        if (expected is IList list)
        {
            var other = (IList)found;
            return list.Count != other.Count ? $"{path}: {list.Count} items became {other.Count}"
                : Enumerable.Range(0, list.Count).Select(i => Difference(list[i], other[i], $"{path}[{i}]")).FirstOrDefault(d => d is not null);
        }
        return expected.GetType().GetProperties().Where(p => p.CanWrite)
            .Select(p => Difference(p.GetValue(expected), p.GetValue(found), $"{path}.{p.Name}")).FirstOrDefault(d => d is not null);
    }
}
