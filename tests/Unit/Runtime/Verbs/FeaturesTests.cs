using Sampan.Kernel;
using Sampan.Oci;
using Sampan.Runtime.Verbs;

namespace Sampan.Tests.Unit.Runtime.Verbs;

/// <summary>What <c>features</c> says must be what the runtime takes.</summary>
public class FeaturesTests
{
    private static readonly Features s_features = RuntimeFeatures.Describe("1.2.3");

    [Fact]
    public void Seccomp_is_that_of_the_tables()
    {
        FeaturesSeccomp seccomp = s_features.Linux!.Seccomp!;
        Assert.Equal(KnownNames.SeccompActions.ToArray(), seccomp.Actions);
        Assert.Equal(KnownNames.SeccompOperators.ToArray(), seccomp.Operators);
        Assert.Equal(KnownNames.SeccompArchitectures.ToArray(), seccomp.Archs); // each has a table of calls
        Assert.Equal(KnownNames.SeccompFlags.ToArray(), seccomp.KnownFlags);
        Assert.All(seccomp.SupportedFlags!, flag => Assert.Contains(flag, seccomp.KnownFlags!));
        Assert.Contains("SECCOMP_FILTER_FLAG_TSYNC", seccomp.SupportedFlags!); // since Linux 3.17
    }

    [Fact]
    public void A_flag_that_there_is_not_is_not_supported() => Assert.False(Syscalls.SeccompTakesFlags(1u << 30));

    [Fact]
    public void The_least_kernel_and_cache_shares_are_named()
    {
        Assert.Equal("5.12", s_features.Annotations!["io.sampan.runtime.kernel.least"]);
        Assert.Equal((true, true, true), (s_features.Linux!.IntelRdt!.Enabled, s_features.Linux.IntelRdt.Schemata, s_features.Linux.IntelRdt.Monitoring));
    }
}
