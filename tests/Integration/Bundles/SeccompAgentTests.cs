using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Sampan.Kernel;

namespace Sampan.Tests.Integration.Bundles;

/// <summary>The seccomp notify listener with a real agent behind it, which answers each mkdir with an error that no mkdir ever gave.</summary>
public sealed class SeccompAgentTests : IDisposable
{
    private const string Metadata = "who asks: \"the test\"";
    private const string Script = "mkdir /tmp/asked; mkdir -p /tmp/again/x; test -d /tmp/asked || echo refused";
    private readonly TestBundle _bundle = new();
    private readonly Agent _agent;

    public SeccompAgentTests()
    {
        string socket = Path.Combine(_bundle.Place, "agent.sock");
        _bundle.Linux["seccomp"] = new JsonObject
        {
            ["defaultAction"] = "SCMP_ACT_ALLOW",
            ["listenerPath"] = socket,
            ["listenerMetadata"] = Metadata,
            ["syscalls"] = new JsonArray(new JsonObject { ["names"] = new JsonArray("mkdir", "mkdirat"), ["action"] = "SCMP_ACT_NOTIFY" }),
        };
        _agent = new Agent(socket);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AgentDecidesForRun(bool noNewPrivileges)
    {
        _bundle.Process["noNewPrivileges"] = noNewPrivileges;
        (int status, string output, string error) = _bundle.Run(Script);
        Assert.Equal((0, "refused"), (status, output.Trim()));
        Assert.Contains("can't create directory '/tmp/asked': No anode", error, StringComparison.Ordinal);
        JsonNode told = _agent.Told("creating");
        Assert.Equal(_bundle.Name + "-1", (string)told["state"]!["id"]!);
        Assert.Equal(_bundle.Place, (string)told["state"]!["bundle"]!);
    }

    [Fact]
    public void AgentDecidesForAContainerThatIsStartedLater()
    {
        string said = Path.Combine(_bundle.Place, "said");
        _bundle.Write("/bin/sh", "-c", $"{Script}; sleep 1000");
        string id = _bundle.NewId();
        _bundle.Detached("create", "--bundle", _bundle.Place, id);
        Assert.Equal(0, _bundle.Runtime("start", id).Status);
        TestBundle.Eventually(() => File.ReadAllText(said).Contains("refused", StringComparison.Ordinal), "the agent's answer");
        Assert.Contains("No anode", File.ReadAllText(said), StringComparison.Ordinal);
        JsonNode told = _agent.Told("creating");
        Assert.Equal(_bundle.PidOf(id), (int)told["pid"]!);
    }

    [Fact]
    public void AgentDecidesForExecToo()
    {
        string id = _bundle.Start();
        _ = _agent.Told("creating");
        (int status, string output, string error) = _bundle.Runtime("exec", id, "sh", "-c", Script);
        Assert.Equal((0, "refused"), (status, output.Trim()));
        Assert.Contains("No anode", error, StringComparison.Ordinal);
        JsonNode told = _agent.Told("running");
        Assert.NotEqual((int)told["pid"]!, (int)told["state"]!["pid"]!);
    }

    [Fact]
    public void WithoutAnAgentTheContainerIsNotMade()
    {
        _bundle.Linux["seccomp"]!["listenerPath"] = Path.Combine(_bundle.Place, "nobody.sock");
        (int status, _, string error) = _bundle.Run(Script);
        Assert.Equal(1, status);
        Assert.Contains("failed to connect with seccomp agent", error, StringComparison.Ordinal);
        Assert.Empty(_bundle.Runtime("list", "-q").Output.Trim());
    }

    public void Dispose()
    {
        _agent.Dispose();
        _bundle.Dispose();
    }

    /// <summary>Takes listeners at a socket, and answers what they ask in a thread for each.</summary>
    private sealed partial class Agent : IDisposable
    {
        private const int NotificationSize = 80, ResponseSize = 24, NoAnode = 55; // struct seccomp_notif, struct seccomp_notif_resp; ENOANO
        private const nuint Receive = 0xC0502100, Send = 0xC0182101; // SECCOMP_IOCTL_NOTIF_RECV, _SEND

        private readonly FileDescriptor _listener;
        private readonly List<JsonNode> _told = [];
        private readonly FileDescriptor _stop, _stopWriter;
        private readonly Thread _thread;

        public Agent(string path)
        {
            _listener = UnixSocket.Bind(path, SocketKind.Stream);
            (_stop, _stopWriter) = Syscalls.Pipe();
            _thread = new Thread(Serve);
            _thread.Start();
        }

        /// <summary>The first container process state that said this status.</summary>
        public JsonNode Told(string status)
        {
            JsonNode? found = null;
            TestBundle.Eventually(
                () =>
                {
                    lock (_told)
                        found = _told.Find(one => (string)one["state"]!["status"]! == status);
                    return found is not null;
                },
                $"a container process state of status {status}");
            Assert.Equal(Metadata, (string)found!["metadata"]!);
            Assert.Equal("seccompFd", (string)Assert.Single(found["fds"]!.AsArray())!);
            Assert.NotNull(found["ociVersion"]);
            return found;
        }

        public void Dispose()
        {
            _stopWriter.Dispose();
            _thread.Join();
            _listener.Dispose();
            _stop.Dispose();
        }

        private void Serve()
        {
            var filters = new List<FileDescriptor>();
            while (true)
            {
                var polled = new PollDescriptor[2 + filters.Count];
                polled[0] = new PollDescriptor(_stop, PollEvents.In);
                polled[1] = new PollDescriptor(_listener, PollEvents.In);
                for (int i = 0; i < filters.Count; i++)
                    polled[i + 2] = new PollDescriptor(filters[i], PollEvents.In);
                _ = Syscalls.Poll(polled, -1);
                if (polled[0].Returned != 0)
                    break;
                for (int i = filters.Count - 1; i >= 0; i--)
                {
                    if ((polled[i + 2].Returned & PollEvents.In) != 0)
                        Answer(filters[i]);
                    else if (polled[i + 2].Returned != 0)
                        Close(filters, i);
                }
                if (polled[1].Returned != 0)
                    filters.Add(Accept());
            }
            for (int i = filters.Count - 1; i >= 0; i--)
                Close(filters, i);
        }

        private FileDescriptor Accept()
        {
            using FileDescriptor connection = Syscalls.Accept(_listener)!;
            byte[] bytes = new byte[65536];
            ReceivedMessage message = Syscalls.RecvMsg(connection, bytes, maxDescriptors: 1);
            lock (_told)
                _told.Add(JsonNode.Parse(bytes.AsSpan(0, message.Length))!);
            return message.Descriptors[0];
        }

        private static void Answer(FileDescriptor filter)
        {
            byte[] asked = new byte[NotificationSize];
            if (IoCtl(filter.Number, Receive, asked) != 0)
                return; // who asked was killed meanwhile
            byte[] answer = new byte[ResponseSize];
            asked.AsSpan(0, 8).CopyTo(answer);
            BinaryPrimitives.WriteInt32LittleEndian(answer.AsSpan(16), -NoAnode);
            _ = IoCtl(filter.Number, Send, answer);
        }

        private static void Close(List<FileDescriptor> filters, int index)
        {
            filters[index].Dispose();
            filters.RemoveAt(index);
        }

        [DllImport("libc", EntryPoint = "ioctl")]
        private static extern int IoCtl(int file, nuint request, byte[] argument);
    }
}
