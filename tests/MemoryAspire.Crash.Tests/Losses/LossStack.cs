using System.Diagnostics;
using System.Globalization;
using MemoryAspire.Crash.Tests.Stacks;
using MemoryAspire.Crash.Tests.Tiers;
using MemoryAspire.TestServices;
using MemoryAspire.TestStores;
using StackExchange.Redis;

namespace MemoryAspire.Crash.Tests.Losses;

/// <summary>The services as processes, on a Redis of their own that is found through a gate.</summary>
public sealed class LossStack : IAsyncLifetime
{
    private const string Password = "memory-tests";

    private ServiceStack _services = null!;
    private string _olderFolder = "";

    internal DocumentedTable<string, LossRow> Table { get; } = LossTable.Open();

    internal RedisServer Redis { get; private set; } = null!;

    internal RedisGate Gate { get; private set; } = null!;

    internal ThreeTiers Tiers { get; private set; } = null!;

    internal HttpClient Client { get; private set; } = null!;

    /// <summary>To whatever is behind the gate now.</summary>
    internal ConnectionMultiplexer Connection { get; private set; } = null!;

    internal IServer Server => Connection.GetServers()[0];

    public async ValueTask InitializeAsync()
    {
        Redis = await RedisServer.StartAsync();
        Gate = new RedisGate(Redis.Port);
        var connectionString = $"127.0.0.1:{Gate.Port},password={Password},allowAdmin=true";

        // The table is about Redis: the API holds no memories itself.
        Dictionary<string, string> settings = new() { ["ConnectionStrings__redis"] = connectionString, ["HotMemories__BytesMax"] = "0" };
        _services = await ServiceStack.StartAsync(new() { Fsync = false }, settings, TestContext.Current.CancellationToken);
        Connection = await ConnectionMultiplexer.ConnectAsync(connectionString + ",abortConnect=false");
        Tiers = new ThreeTiers(_services, Connection);
        Client = _services.NewClient();
    }

    /// <summary>Stops the follower where it is, so that what it will do can be told from what happens without it.</summary>
    internal Task FreezeFollowerAsync() => SignalAsync("STOP");

    internal Task ThawFollowerAsync() => SignalAsync("CONT");

    /// <summary>Redis's files as they are now, for <see cref="RestartOlderAsync"/>.</summary>
    internal async Task CopyFilesAsync()
    {
        await Redis.StopAsync();
        _olderFolder = Directory.CreateTempSubdirectory("redis-older-").FullName;
        await RunAsync("cp", "-a", Redis.DataFolder + "/.", _olderFolder);
        await Redis.RestartAsync();
    }

    internal async Task RestartOlderAsync()
    {
        await Redis.KillAsync();
        await RunAsync("rm", "-rf", Path.Combine(Redis.DataFolder, "appendonlydir"));
        await RunAsync("cp", "-a", _olderFolder + "/.", Redis.DataFolder);
        await Redis.RestartAsync();
        Directory.Delete(_olderFolder, recursive: true);
    }

    internal async Task RestartEmptyAsync()
    {
        await Redis.KillAsync();
        await RunAsync("rm", "-rf", Path.Combine(Redis.DataFolder, "appendonlydir"));
        await Redis.RestartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Table.Publish();
        if (_services is not null) await ThawFollowerAsync();
        Client?.Dispose();
        Tiers?.Dispose();
        if (Connection is not null) await Connection.DisposeAsync();
        if (_services is not null) await _services.DisposeAsync();
        if (Gate is not null) await Gate.DisposeAsync();
        if (Redis is not null) await Redis.DisposeAsync();
    }

    private Task SignalAsync(string signal) => RunAsync("kill", "-" + signal, _services.Reconciler.ProcessId.ToString(CultureInfo.InvariantCulture));

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
    }
}
