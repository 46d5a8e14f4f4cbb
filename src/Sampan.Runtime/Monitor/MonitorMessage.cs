namespace Sampan.Runtime.Monitor;

/// <summary>
/// The first byte of each packet on a monitor's socket (SOCK_SEQPACKET, so that packets keep their borders). docs/monitor.md is the contract; the
/// engine, which may only know the runtime as a process, has the same numbers.
/// </summary>
public enum MonitorMessage : byte
{
    /// <summary>No message.</summary>
    None = 0,

    /// <summary>To the client: bytes of the container's standard output or of its terminal.</summary>
    Output = 1,

    /// <summary>To the client: bytes of its standard error.</summary>
    ErrorOutput = 2,

    /// <summary>To the client: the container runs; its process id as 4 bytes, little-endian.</summary>
    Started = 3,

    /// <summary>To the client, last: the container has ended and is cleaned up; its exit code as 4 bytes, little-endian.</summary>
    Exited = 4,

    /// <summary>To the client, last: the container could not be started; a byte (1: its program is not there, 2: it cannot be executed, 0: else) and the sentence in UTF-8.</summary>
    Failed = 5,

    /// <summary>From the client: bytes for the container's standard input.</summary>
    Input = 16,

    /// <summary>From the client: the standard input is at its end.</summary>
    InputEnd = 17,

    /// <summary>From the client: the terminal's size, rows and columns as 2 bytes each, little-endian.</summary>
    Resize = 18,

    /// <summary>From the client: send the container's output from now on.</summary>
    Attach = 19,
}
