using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Sampan.Tests.Integration.Registry;

/// <summary>Carries bytes between a client and a server on loopback, and can break one connection as a cable does: HttpListener would end it with an answer.</summary>
internal sealed class TcpRelay : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<int, Socket> _clients = [];
    private readonly int _server;

    public TcpRelay(int server)
    {
        _server = server;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _ = Task.Run(AcceptAsync);
    }

    public int Port { get; }

    /// <summary>Resets the client's connection that the server sees as coming from a port.</summary>
    public void Break(int serversPort)
    {
        if (!_clients.TryRemove(serversPort, out Socket? client))
            return;
        client.LingerState = new LingerOption(true, 0);
        client.Close();
    }

    public void Dispose()
    {
        _listener.Dispose();
        foreach (int port in _clients.Keys)
            Break(port);
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                Socket client = await _listener.AcceptSocketAsync();
                _ = Task.Run(() => CarryAsync(client));
            }
            catch (Exception closed) when (closed is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }
        }
    }

    private async Task CarryAsync(Socket client)
    {
        using Socket server = new(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _server);
            int port = ((IPEndPoint)server.LocalEndPoint!).Port;
            _clients[port] = client;
            await Task.WhenAny(CopyAsync(client, server), CopyAsync(server, client));
            if (_clients.TryRemove(port, out _))
                client.Close();
        }
        catch (Exception broken) when (broken is SocketException or ObjectDisposedException)
        {
            client.Dispose();
        }
    }

    private static async Task CopyAsync(Socket from, Socket to)
    {
        byte[] buffer = new byte[64 << 10];
        try
        {
            int read;
            while ((read = await from.ReceiveAsync(buffer)) > 0)
            {
                for (int sent = 0; sent < read;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent));
            }
        }
        catch (Exception broken) when (broken is SocketException or ObjectDisposedException)
        {
            // One side is gone: so is the connection.
        }
    }
}
