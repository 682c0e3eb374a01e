using MemoryAspire.TestStores;
using StackExchange.Redis;

namespace MemoryAspire.Redis.Tests.Servers;

/// <summary>A kind of server that the tier must run on. The tests of the tier are written once, and run on each.</summary>
public abstract class RedisServers
{
    /// <summary>The connection string of an empty database.</summary>
    public abstract Task<string> CreateRedisDatabaseAsync();
}

/// <summary>Redis itself, a database for each test.</summary>
public sealed class RealRedis(StoresFixture stores) : RedisServers
{
    public override Task<string> CreateRedisDatabaseAsync() => stores.CreateRedisDatabaseAsync();
}

/// <summary>Garnet, the stand-in. It has one database: its tests run one after the other, each on an empty one.</summary>
public sealed class GarnetFixture : RedisServers, IAsyncDisposable
{
    private readonly Lazy<Task<GarnetServer>> _server = new(GarnetServer.StartAsync);

    public override async Task<string> CreateRedisDatabaseAsync()
    {
        var server = await _server.Value;
        await using var connection = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        await connection.GetDatabase().ExecuteAsync("FLUSHDB");
        return server.ConnectionString;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is { IsValueCreated: true, Value.IsCompletedSuccessfully: true }) await (await _server.Value).DisposeAsync();
    }
}

/// <summary>Everything that runs on Garnet.</summary>
[CollectionDefinition(Name)]
public sealed class OnGarnet : ICollectionFixture<GarnetFixture>
{
    public const string Name = "Garnet";
}
