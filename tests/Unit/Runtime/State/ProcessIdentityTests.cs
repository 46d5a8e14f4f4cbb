using Sampan.Runtime.State;

namespace Sampan.Tests.Unit.Runtime.State;

public sealed class ProcessIdentityTests
{
    [Fact]
    public void A_process_is_alive_until_it_has_ended_even_if_nobody_has_reaped_it()
    {
        Assert.True(ProcessIdentity.Of(Environment.ProcessId).IsAlive);
        Assert.False(new ProcessIdentity(Environment.ProcessId, 1).IsAlive);
        Assert.False(default(ProcessIdentity).IsAlive);
    }
}
