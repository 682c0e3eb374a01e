using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MemoryAspire.Crash.Tests.Losses;

/// <summary>The address at which the services find Redis. It can lead to another server, and connections can break in it.</summary>
internal sealed class RedisGate : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly HashSet<TcpClient> _connections = [];
    private readonly Lock _lock = new();
    private readonly Task _accepting;
    private volatile string? _cutAt;

    public RedisGate(int target)
    {
        Target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The port behind it, for connections that are made from now on.</summary>
    public int Target { get; set; }

    /// <summary>Whether what <see cref="CutAt"/> waits for has come.</summary>
    public bool HasCut => _cutAt is null;

    /// <summary>Breaks every connection.</summary>
    public void Cut()
    {
        lock (_lock)
        {
            foreach (var connection in _connections) connection.Close();
            _connections.Clear();
        }
    }

    /// <summary>Lets the next request that holds a word go to Redis, and breaks the connection when the answer would come back.</summary>
    public void CutAt(string word) => _cutAt = word;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        Cut();
        await _accepting;
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = PassAsync(await _listener.AcceptTcpClientAsync(_end.Token));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It is closed.
        }
    }

    private async Task PassAsync(TcpClient client)
    {
        using var server = new TcpClient();
        lock (_lock) _connections.UnionWith([client, server]);
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, Target, _end.Token);
            var passage = new Passage();
            await Task.WhenAny(AskAsync(client.GetStream(), server.GetStream(), passage), AnswerAsync(server.GetStream(), client.GetStream(), passage));
        }
        catch (Exception exception) when (IsBroken(exception))
        {
            // There is nobody behind it now.
        }
        finally
        {
            lock (_lock) _connections.ExceptWith([client, server]);
            client.Dispose();
        }
    }

    private async Task AskAsync(NetworkStream from, NetworkStream to, Passage passage)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReadAsync(buffer, _end.Token) is var length and > 0)
            {
                // Before Redis has it: the answer may be there at once.
                if (_cutAt is { } word && Encoding.Latin1.GetString(buffer, 0, length).Contains(word, StringComparison.Ordinal))
                {
                    passage.IsCut = true;
                    _cutAt = null;
                }

                await to.WriteAsync(buffer.AsMemory(0, length), _end.Token);
            }
        }
        catch (Exception exception) when (IsBroken(exception))
        {
            // The other side has gone.
        }
    }

    private async Task AnswerAsync(NetworkStream from, NetworkStream to, Passage passage)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReadAsync(buffer, _end.Token) is var length and > 0 && !passage.IsCut) await to.WriteAsync(buffer.AsMemory(0, length), _end.Token);
        }
        catch (Exception exception) when (IsBroken(exception))
        {
            // The other side has gone.
        }
    }

    /// <summary>One connection.</summary>
    private sealed class Passage
    {
        public volatile bool IsCut;
    }

    private static bool IsBroken(Exception exception) => exception is OperationCanceledException or IOException or SocketException or ObjectDisposedException or InvalidOperationException;
}
