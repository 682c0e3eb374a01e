using System.Globalization;
using MemoryAspire.TestStores.Processes;

namespace MemoryAspire.TestStores;

/// <summary>A Redis of one's own: a fresh data folder, a free port on loopback, a password. It dies with this process.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    private const string Ready = "Ready to accept connections";
    private const string Password = "memory-tests";
    private const int DatabasesMax = 512;
    private const int StartsMax = 3;

    private readonly string program;
    private readonly RedisServerOptions options;
    private StoreProcess? process;
    private int databases;

    private RedisServer(string program, string dataFolder, RedisServerOptions options)
    {
        this.program = program;
        this.options = options;
        DataFolder = dataFolder;
    }

    public int Port { get; private set; }

    public string DataFolder { get; }

    /// <summary>The server's process; 0 when it does not run.</summary>
    public int ProcessId => process?.Id ?? 0;

    /// <summary>Database 0; tests that share a server take one from <see cref="CreateDatabase"/>.</summary>
    public string ConnectionString => $"127.0.0.1:{Port},password={Password},allowAdmin=true";

    public static async Task<RedisServer> StartAsync(RedisServerOptions? options = null)
    {
        var program = StorePrograms.Redis();
        var folder = await StoreFolders.NewAsync("redis");
        await StoreCommand.RunAsync(StoreUser.Unprivileged("mkdir", "-p", folder));
        var server = new RedisServer(program, folder, options ?? new RedisServerOptions());
        try
        {
            await server.StartOnFreePortAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>The connection string of an empty database that no other caller was given.</summary>
    public string CreateDatabase()
    {
        var database = Interlocked.Increment(ref databases);
        if (database >= DatabasesMax) throw new InvalidOperationException($"This server has {DatabasesMax} databases, and all are taken.");
        return $"{ConnectionString},defaultDatabase={database}";
    }

    /// <summary>SIGKILL; returns when the server's children are gone too.</summary>
    public Task KillAsync() => EndAsync(Signal.Kill);

    /// <summary>A shutdown that writes what is to be kept.</summary>
    public Task StopAsync() => EndAsync(Signal.Terminate);

    /// <summary>Starts the server again on the same port and data; one that runs is stopped first.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        process = await StartProcessAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        StoreFolders.Remove(DataFolder);
    }

    private async Task StartOnFreePortAsync()
    {
        for (var start = 1; process is null; start++)
        {
            Port = LoopbackPort.Free();
            try
            {
                process = await StartProcessAsync();
            }
            catch (StoreStartException exception) when (start < StartsMax && exception.Message.Contains("Address already in use", StringComparison.Ordinal))
            {
                // Another process took the port between the look and the start: look for the next one.
            }
        }
    }

    private Task<StoreProcess> StartProcessAsync()
    {
        string[] arguments =
        [
            "--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--requirepass", Password,
            "--dir", DataFolder, "--daemonize", "no", "--logfile", "", "--save", "",
            "--databases", DatabasesMax.ToString(CultureInfo.InvariantCulture),
            "--appendonly", options.AppendOnly ? "yes" : "no", "--appendfsync", "everysec",
            "--maxmemory-policy", "volatile-lru", .. options.Arguments,
        ];
        return StoreProcess.StartAsync(StoreUser.Unprivileged(program, arguments), Ready, DataFolder);
    }

    private async Task EndAsync(int signal)
    {
        if (process is null) return;
        await process.EndAsync(signal);
        process.Dispose();
        process = null;
    }
}
