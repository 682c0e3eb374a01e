using MemoryAspire.TestStores;
using MemoryAspire.TestStores.Processes;

namespace MemoryAspire.TestServices;

/// <summary>A service as a process of its own, on a port of loopback that it keeps when it is started again.</summary>
public sealed class ServiceProcess(string name, string project) : IAsyncDisposable
{
    private const string Ready = "Now listening on:";
    private const int StartsMax = 3;

    private StoreProcess? _process;
    private int _port;

    public string Name { get; } = name;

    /// <summary>Its settings; what is changed holds from the next start on.</summary>
    public Dictionary<string, string> Settings { get; } = [];

    public Uri Address => new($"http://127.0.0.1:{_port}");

    /// <summary>0 when it does not run.</summary>
    public int ProcessId => _process?.Id ?? 0;

    /// <summary>Whether it was started and still runs: it may have been ended from outside.</summary>
    public bool IsRunning => _process is { HasExited: false };

    /// <summary>The last lines it said.</summary>
    public string Log => _process?.Log() ?? "";

    /// <summary>Starts it, and returns when it listens; one that runs is ended first.</summary>
    public async Task StartAsync()
    {
        await KillAsync();
        for (var start = 1; _process is null; start++)
        {
            if (_port == 0) _port = LoopbackPort.Free();
            try
            {
                _process = await StartProcessAsync();
            }
            catch (StoreStartException exception) when (start < StartsMax && exception.Message.Contains("address already in use", StringComparison.OrdinalIgnoreCase))
            {
                // Another process took the port between the look and the start: look for the next one.
                _port = 0;
            }
        }
    }

    /// <summary>SIGKILL; returns when it is gone.</summary>
    public Task KillAsync() => EndAsync(Signal.Kill);

    /// <summary>SIGTERM: it finishes what it has begun and ends by itself.</summary>
    public Task StopAsync() => EndAsync(Signal.Terminate);

    public async ValueTask DisposeAsync() => await KillAsync();

    private Task<StoreProcess> StartProcessAsync()
    {
        var program = ServicePrograms.Of(project);
        var environment = Settings.Append(KeyValuePair.Create("ASPNETCORE_URLS", $"http://127.0.0.1:{_port}"));
        return StoreProcess.StartAsync(StoreUser.Bound("dotnet", "exec", program), Ready, Path.GetDirectoryName(program)!, environment);
    }

    private async Task EndAsync(int signal)
    {
        if (_process is null) return;
        await _process.EndAsync(signal);
        _process.Dispose();
        _process = null;
    }
}
