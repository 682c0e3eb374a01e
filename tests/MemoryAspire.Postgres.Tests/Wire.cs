using System.Net;
using System.Net.Sockets;

namespace MemoryAspire.Postgres.Tests;

/// <summary>Stands between a client and a server; cut, it carries nothing any more, and tells neither end.</summary>
internal sealed class Wire : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ending = new();
    private readonly List<TcpClient> _ends = [];
    private readonly int _target;
    private readonly Task _accepting;
    private volatile bool _cut;

    public Wire(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Cut() => _cut = true;

    public async ValueTask DisposeAsync()
    {
        if (_ending.IsCancellationRequested) return;
        await _ending.CancelAsync();
        await Task.WhenAny(_accepting);
        _listener.Dispose();
        foreach (var end in _ends) end.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var near = await _listener.AcceptTcpClientAsync(_ending.Token);
            var far = new TcpClient();
            _ends.AddRange([near, far]);
            await far.ConnectAsync(IPAddress.Loopback, _target, _ending.Token);
            _ = CarryAsync(near, far);
            _ = CarryAsync(far, near);
        }
    }

    private async Task CarryAsync(TcpClient from, TcpClient to)
    {
        var buffer = new byte[8192];
        try
        {
            while (await from.GetStream().ReadAsync(buffer, _ending.Token) is var length and > 0)
            {
                if (!_cut) await to.GetStream().WriteAsync(buffer.AsMemory(0, length), _ending.Token);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // One end has hung up.
        }

        if (!_cut) to.Close();
    }
}
