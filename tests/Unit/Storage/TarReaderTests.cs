using System.Text;
using Sampan.Storage;
using Sampan.Storage.Archives;

namespace Sampan.Tests.Unit.Storage;

public sealed class TarReaderTests
{
    private static List<TarEntry> ReadAll(Stream archive)
    {
        var reader = new TarReader(archive);
        var entries = new List<TarEntry>();
        while (reader.Next() is { } entry)
            entries.Add(entry);
        return entries;
    }

    private static StorageException Refused(Stream archive)
    {
        StorageException error = Assert.Throws<StorageException>(() => ReadAll(archive));
        Assert.Equal(StorageErrorKind.InvalidContent, error.Kind);
        return error;
    }

    [Fact]
    public void Members_of_every_type_are_read_with_their_fields()
    {
        List<TarEntry> entries = ReadAll(new TarBuilder()
            .Add("d/", '5', mode: 0x1C0).Add("d/f", content: "hello"u8.ToArray(), mode: 0x9ED, uid: "0001750").Add("l", '2', link: "d/f").Add("h", '1', link: "d/f")
            .Add("c", '3', major: 1, minor: 3).Add("b", '4', major: 8, minor: 1).Add("p", '6').Finish());
        Assert.Equal(
            [TarEntryType.Directory, TarEntryType.Regular, TarEntryType.Symlink, TarEntryType.HardLink, TarEntryType.CharacterDevice, TarEntryType.BlockDevice, TarEntryType.Fifo],
            entries.Select(static entry => entry.Type));
        Assert.Equal(0x9EDu, entries[1].Mode);
        Assert.Equal(1000u, entries[1].Uid);
        Assert.Equal(5, entries[1].Size);
        Assert.Equal("d/f", entries[2].LinkName);
        Assert.Equal((1u, 3u), (entries[4].DeviceMajor, entries[4].DeviceMinor));
    }

    [Fact]
    public void Content_is_read_and_what_is_not_read_is_skipped()
    {
        var reader = new TarReader(new TarBuilder().Add("a", content: new byte[100_000]).Add("b", content: "second"u8.ToArray()).Finish());
        Assert.Equal("a", reader.Next()!.Name);
        Assert.Equal("b", reader.Next()!.Name);
        byte[] buffer = new byte[100];
        Assert.Equal("second", Encoding.ASCII.GetString(buffer, 0, reader.Read(buffer)));
        Assert.Equal(0, reader.Read(buffer));
        Assert.Null(reader.Next());
    }

    [Fact]
    public void Pax_records_override_the_header()
    {
        string name = new('é', 200);
        List<TarEntry> entries = ReadAll(new TarBuilder()
            .AddPax(TarBuilder.Record("path", name) + TarBuilder.Record("uid", "3000000000") + TarBuilder.Record("mtime", "-1.25") + TarBuilder.Record("SCHILY.xattr.user.x", "v"))
            .Add("short").Add("next").Finish());
        Assert.Equal(name, entries[0].Name);
        Assert.Equal(3_000_000_000u, entries[0].Uid);
        Assert.Equal((-2L, 750_000_000u), (entries[0].ModificationSeconds, entries[0].ModificationNanoseconds));
        Assert.Equal("v"u8.ToArray(), entries[0].ExtendedAttributes!["user.x"]);
        Assert.Equal("next", entries[1].Name);
        Assert.Null(entries[1].ExtendedAttributes);
    }

    [Fact]
    public void Gnu_long_names_and_links_are_read()
    {
        string name = new('n', 300), link = new('l', 200);
        TarEntry entry = Assert.Single(ReadAll(new TarBuilder()
            .Add("././@LongLink", 'L', Encoding.ASCII.GetBytes(name + "\0")).Add("././@LongLink", 'K', Encoding.ASCII.GetBytes(link + "\0")).Add("cut", '2', link: "cut").Finish()));
        Assert.Equal(name, entry.Name);
        Assert.Equal(link, entry.LinkName);
    }

    [Fact]
    public void Base_256_numbers_are_read()
    {
        byte[] header = new byte[512];
        "f"u8.CopyTo(header);
        "0000644"u8.CopyTo(header.AsSpan(100));
        header[108] = 0x80;
        header[113] = 0x01; // 65536 × 256 in the last bytes
        "0000000"u8.CopyTo(header.AsSpan(116));
        "00000000000"u8.CopyTo(header.AsSpan(124));
        header.AsSpan(136, 12).Fill(0xff); // -1 second
        header[156] = (byte)'0';
        TarEntry entry = Assert.Single(ReadAll(new TarBuilder().AddRaw(header, []).Finish()));
        Assert.Equal(65536u, entry.Uid);
        Assert.Equal(-1, entry.ModificationSeconds);
    }

    [Fact]
    public void An_archive_may_end_without_its_marker() => Assert.Single(ReadAll(new TarBuilder().Add("a").Finish(endMarker: false)));

    [Fact]
    public void A_wrong_checksum_is_refused() => Assert.Contains("checksum", Refused(new TarBuilder().Add("a", breakChecksum: true).Finish()).Message);

    [Fact]
    public void A_size_beyond_the_archive_is_refused() => Refused(new TarBuilder().Add("a", size: 5000).Finish(endMarker: false));

    [Fact]
    public void An_extended_header_of_gigabytes_takes_no_memory()
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Refused(new TarBuilder().Add("pax", 'x', size: 0x1FFFFFFFF).Finish());
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 4 << 20);
    }

    [Fact]
    public void Many_extended_headers_in_a_row_are_bounded_together()
    {
        var builder = new TarBuilder();
        for (int i = 0; i < 40; i++)
            _ = builder.AddPax(TarBuilder.Record("path", new string('x', 50_000)));
        Refused(builder.Add("a").Finish());
    }

    [Theory]
    [InlineData("5 a=b\n")]
    [InlineData("99 a=b\n")]
    [InlineData("x a=b\n")]
    [InlineData("-6 a=b\n")]
    [InlineData("6 ab=\0")]
    [InlineData("999999999999999999999 a=b\n")]
    public void A_malformed_pax_record_is_refused(string records) => Refused(new TarBuilder().AddPax(records).Add("a").Finish());

    [Theory]
    [InlineData("uid", "4294967295")]
    [InlineData("uid", "-1")]
    [InlineData("size", "x")]
    [InlineData("mtime", "1.x")]
    [InlineData("path", "a\0b")]
    public void A_pax_value_out_of_range_is_refused(string key, string value) => Refused(new TarBuilder().AddPax(TarBuilder.Record(key, value)).Add("a").Finish());

    [Fact]
    public void The_three_pax_forms_of_a_sparse_file_have_the_same_map()
    {
        string record(string key, string value) => TarBuilder.Record("GNU.sparse." + key, value);
        byte[] data = "onetwo"u8.ToArray();
        byte[] withMap = [.. Encoding.ASCII.GetBytes("2\n10\n3\n5000\n3\n".PadRight(512, '\0')), .. data];
        TarEntry[] forms =
        [
            .. ReadAll(new TarBuilder().AddPax(record("size", "9000") + record("numblocks", "2") + record("offset", "10") + record("numbytes", "3") + record("offset", "5000") + record("numbytes", "3")).Add("s", content: data).Finish()),
            .. ReadAll(new TarBuilder().AddPax(record("size", "9000") + record("map", "10,3,5000,3") + record("name", "s")).Add("x", content: data).Finish()),
            .. ReadAll(new TarBuilder().AddPax(record("major", "1") + record("minor", "0") + record("name", "s") + record("realsize", "9000")).Add("x", content: withMap).Finish()),
        ];
        Assert.Equal(3, forms.Length);
        foreach (TarEntry form in forms)
        {
            Assert.Equal("s", form.Name);
            Assert.Equal((6L, 9000L), (form.Size, form.RealSize));
            Assert.Equal([new SparseSegment(10, 3), new SparseSegment(5000, 3)], form.SparseMap!);
        }
    }

    [Theory]
    [InlineData("10,3,11,3", "9000")]
    [InlineData("10,3,8999,3", "9000")]
    [InlineData("10,3,20", "9000")]
    [InlineData("10,3,20,4", "9000")]
    [InlineData("10,3,-20,3", "9000")]
    [InlineData("10,3,20,3", "99999999999999999999")]
    public void A_sparse_map_that_lies_is_refused(string map, string size) =>
        Refused(new TarBuilder().AddPax(TarBuilder.Record("GNU.sparse.size", size) + TarBuilder.Record("GNU.sparse.map", map)).Add("s", content: "onetwo"u8.ToArray()).Finish());

    [Fact]
    public void A_sparse_map_without_its_numbers_is_refused()
    {
        Refused(new TarBuilder().AddPax(TarBuilder.Record("GNU.sparse.major", "1")).Add("s").Finish());
        Refused(new TarBuilder().AddPax(TarBuilder.Record("GNU.sparse.major", "1") + TarBuilder.Record("GNU.sparse.minor", "0") + TarBuilder.Record("GNU.sparse.realsize", "5"))
            .Add("s", content: "999999999999\n"u8.ToArray()).Finish());
    }

    [Fact]
    public void An_unknown_type_is_refused() => Refused(new TarBuilder().Add("a", 'Z').Finish());

    [Fact]
    public void A_name_that_is_not_utf8_is_refused_by_name()
    {
        byte[] header = new byte[512];
        header[0] = 0xff;
        "0000644"u8.CopyTo(header.AsSpan(100));
        header[156] = (byte)'0';
        Assert.Contains("UTF-8", Refused(new TarBuilder().AddRaw(header, []).Finish()).Message);
    }

    [Fact]
    public void A_path_longer_than_the_kernel_takes_is_refused() => Refused(new TarBuilder().AddPax(TarBuilder.Record("path", new string('a', 5000))).Add("a").Finish());

    [Fact]
    public void Random_damage_never_ends_in_anything_but_an_entry_or_a_refusal()
    {
        byte[] good = new TarBuilder().AddPax(TarBuilder.Record("path", "x/y")).Add("d/", '5')
            .AddPax(TarBuilder.Record("GNU.sparse.size", "9000") + TarBuilder.Record("GNU.sparse.map", "10,3,5000,3")).Add("s", content: "onetwo"u8.ToArray())
            .AddPax(TarBuilder.Record("GNU.sparse.major", "1") + TarBuilder.Record("GNU.sparse.minor", "0") + TarBuilder.Record("GNU.sparse.realsize", "90"))
            .Add("t", content: Encoding.ASCII.GetBytes("1\n10\n3\n".PadRight(512, '\0') + "abc")).Add("S", 'S', content: new byte[10])
            .Add("././@LongLink", 'L', Encoding.ASCII.GetBytes(new string('n', 300) + "\0")).Add("f", content: new byte[700]).Add("l", '2', link: "f").Finish().ToArray();
        int seed = Environment.TickCount; // another one each time; the message names it
        var random = new Random(seed);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (clock.Elapsed < TimeSpan.FromSeconds(2))
        {
            byte[] damaged = (byte[])good.Clone();
            for (int i = random.Next(1, 6); i > 0; i--)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            try
            {
                _ = ReadAll(new MemoryStream(damaged, 0, random.Next(damaged.Length + 1)));
            }
            catch (StorageException refused)
            {
                Assert.Equal(StorageErrorKind.InvalidContent, refused.Kind);
            }
            catch (Exception other)
            {
                Assert.Fail($"seed {seed}: {other}");
            }
        }
    }
}
