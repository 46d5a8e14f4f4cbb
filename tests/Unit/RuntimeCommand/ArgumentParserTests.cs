using Sampan.RuntimeCommand.CommandLine;

namespace Sampan.Tests.Unit.RuntimeCommand;

/// <summary>The grammar of Go's flag package, as runc's callers write it.</summary>
public sealed class ArgumentParserTests
{
    private static readonly Option[] s_options =
    [
        new("bundle", OptionKind.Text, "", "b"), new("detach", OptionKind.Flag, "", "d"), new("env", OptionKind.List, "", "e"), new("preserve-fds", OptionKind.Number, ""),
    ];

    [Theory]
    [InlineData("--bundle", "/b")]
    [InlineData("-bundle", "/b")]
    [InlineData("--bundle=/b")]
    [InlineData("-bundle=/b")]
    [InlineData("-b", "/b")]
    [InlineData("--b=/b")]
    public void A_value_follows_after_an_equals_sign_or_as_the_next_word(params string[] words)
    {
        ParsedOptions parsed = ArgumentParser.Parse([.. words, "id"], s_options, false, out List<string> arguments);

        Assert.Equal("/b", parsed.Text("bundle"));
        Assert.Equal(["id"], arguments);
    }

    [Fact]
    public void A_value_may_look_like_an_option()
    {
        ParsedOptions parsed = ArgumentParser.Parse(["--bundle", "-d", "id"], s_options, false, out _);

        Assert.Equal("-d", parsed.Text("bundle"));
        Assert.False(parsed.Flag("detach"));
    }

    [Theory]
    [InlineData("-d", true)]
    [InlineData("--detach=true", true)]
    [InlineData("--detach=1", true)]
    [InlineData("--detach=false", false)]
    [InlineData("-d=F", false)]
    public void A_flag_takes_a_value_only_after_an_equals_sign(string word, bool expected)
    {
        ParsedOptions parsed = ArgumentParser.Parse([word, "false"], s_options, false, out List<string> arguments);

        Assert.Equal(expected, parsed.Flag("detach"));
        Assert.True(parsed.Has("detach"));
        Assert.Equal(["false"], arguments);
    }

    [Fact]
    public void The_last_of_several_counts_and_a_list_keeps_all()
    {
        ParsedOptions parsed = ArgumentParser.Parse(["-b", "1", "-b", "2", "-e", "A=1", "--env=B=2"], s_options, false, out _);

        Assert.Equal("2", parsed.Text("bundle"));
        Assert.Equal(["A=1", "B=2"], parsed.List("env"));
    }

    [Fact]
    public void Known_options_are_read_behind_arguments_and_unknown_ones_are_arguments_there()
    {
        ParsedOptions parsed = ArgumentParser.Parse(["id", "-9", "-d"], s_options, false, out List<string> arguments);

        Assert.True(parsed.Flag("detach"));
        Assert.Equal(["id", "-9"], arguments);
    }

    [Fact]
    public void Everything_behind_the_first_argument_belongs_to_the_command_where_the_verb_says_so()
    {
        ParsedOptions parsed = ArgumentParser.Parse(["-e", "A=1", "id", "sh", "-d", "--", "-c", "true"], s_options, true, out List<string> arguments);

        Assert.False(parsed.Flag("detach"));
        Assert.Equal(["id", "sh", "-d", "--", "-c", "true"], arguments);
    }

    [Fact]
    public void Two_dashes_end_the_options()
    {
        _ = ArgumentParser.Parse(["-d", "--", "-b", "x"], s_options, false, out List<string> arguments);

        Assert.Equal(["-b", "x"], arguments);
    }

    [Theory]
    [InlineData("flag provided but not defined: -bogus", "--bogus")]
    [InlineData("flag provided but not defined: -bogus", "-bogus=1")]
    [InlineData("flag needs an argument: -bundle", "--bundle")]
    [InlineData("invalid boolean value \"maybe\" for -detach: parse error", "--detach=maybe")]
    [InlineData("invalid value \"many\" for flag -preserve-fds: parse error", "--preserve-fds", "many")]
    [InlineData("bad flag syntax: ---d", "---d")]
    [InlineData("bad flag syntax: --=x", "--=x")]
    public void What_it_does_not_understand_it_says_in_runcs_words(string sentence, params string[] words) =>
        Assert.Equal(sentence, Assert.Throws<UsageException>(() => ArgumentParser.Parse(words, s_options, false, out _)).Message);

    [Fact]
    public void A_single_dash_is_an_argument()
    {
        _ = ArgumentParser.Parse(["-", "-d"], s_options, false, out List<string> arguments);

        Assert.Equal(["-"], arguments);
    }
}
