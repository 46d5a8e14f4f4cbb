using System.Text;
using Sampan.Runtime.State;

namespace Sampan.Tests.Unit.Runtime.State;

public sealed class ProcessIdentityTests
{
    [Theory]
    [InlineData("7 (sh) S 1 7 7 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 4242 0 0", 4242UL, 'S')]
    [InlineData("7 (a) R 1 ) Z) Z 1 7 7 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 99", 99UL, 'Z')]
    public void The_name_may_hold_anything(string line, ulong startTime, char state)
    {
        Assert.True(ProcessIdentity.TryParse(Encoding.ASCII.GetBytes(line), out ulong foundTime, out char foundState));
        Assert.Equal((startTime, state), (foundTime, foundState));
    }

    [Theory]
    [InlineData("")]
    [InlineData("7 (sh)")]
    [InlineData("7 (sh) S 1 7")]
    public void A_line_that_is_cut_off_is_refused(string line) => Assert.False(ProcessIdentity.TryParse(Encoding.ASCII.GetBytes(line), out _, out _));

    [Fact]
    public void A_process_is_alive_until_it_has_ended_even_if_nobody_has_reaped_it()
    {
        Assert.True(ProcessIdentity.Of(Environment.ProcessId).IsAlive);
        Assert.False(new ProcessIdentity(Environment.ProcessId, 1).IsAlive);
        Assert.False(default(ProcessIdentity).IsAlive);
    }
}
