using Sampan.Runtime;
using Sampan.Runtime.State;

namespace Sampan.Tests.Unit.Runtime.State;

public sealed class ContainerIdTests
{
    [Theory]
    [InlineData("x")]
    [InlineData("a_b-c.d+e9")]
    [InlineData("..a")]
    [InlineData("-")]
    public void The_alphabet_of_runc_is_accepted(string text) => Assert.Equal(text, ContainerId.Parse(text).Text);

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("../x")]
    [InlineData("a b")]
    [InlineData("a\n")]
    [InlineData("a\0")]
    [InlineData("é")]
    [InlineData("@notify")]
    public void Whatever_could_be_another_path_is_refused(string text)
    {
        Assert.False(ContainerId.TryParse(text, out ContainerId id));
        Assert.Equal("", id.Text);
        Assert.Equal(RuntimeErrorKind.InvalidArgument, Assert.Throws<RuntimeException>(() => ContainerId.Parse(text)).Kind);
    }

    [Fact]
    public void An_id_is_as_long_as_a_file_name_may_be()
    {
        Assert.True(ContainerId.TryParse(new string('a', 255), out _));
        Assert.False(ContainerId.TryParse(new string('a', 256), out _));
    }
}
