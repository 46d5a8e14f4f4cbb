using Sampan.Oci;
using Sampan.Runtime.Sealing;

namespace Sampan.Tests.Unit.Runtime.Processes;

/// <summary>When the stub cannot execute the container's program as the runtime could.</summary>
public class ExecutionSealTests
{
    [Theory]
    [InlineData(0u, "CAP_DAC_OVERRIDE", null, null, true)]
    [InlineData(1000u, "CAP_CHOWN", null, "unconfined", true)]
    [InlineData(1000u, "CAP_DAC_OVERRIDE", null, null, false)]
    [InlineData(1000u, "CAP_DAC_READ_SEARCH", null, null, false)]
    [InlineData(0u, "CAP_CHOWN", "system_u:system_r:container_t:s0", null, false)]
    [InlineData(0u, "CAP_CHOWN", null, "docker-default", false)]
    public void LabelsAndAUsersOwnCapabilitiesAreForOneExecution(uint uid, string effective, string? label, string? profile, bool passes)
    {
        var process = new Process
        {
            User = new User { Uid = uid },
            Capabilities = new LinuxCapabilities { Effective = [effective] },
            SelinuxLabel = label,
            ApparmorProfile = profile,
        };
        Assert.Equal(passes, ExecutionSeal.LetsStubPass(process));
    }
}
