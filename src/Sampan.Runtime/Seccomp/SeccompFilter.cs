namespace Sampan.Runtime.Seccomp;

/// <summary>A compiled filter, ready for seccomp(2) with SECCOMP_SET_MODE_FILTER.</summary>
/// <param name="Instructions">The program: an array of <c>struct sock_filter</c>, eight bytes each, in this machine's byte order.</param>
/// <param name="Flags">SECCOMP_FILTER_FLAG_* bits; with a listener SECCOMP_FILTER_FLAG_NEW_LISTENER is among them.</param>
/// <param name="HasListener">Whether a rule asks a supervisor (SCMP_ACT_NOTIFY): the call then returns the listener's descriptor.</param>
public sealed record SeccompFilter(byte[] Instructions, uint Flags, bool HasListener);
