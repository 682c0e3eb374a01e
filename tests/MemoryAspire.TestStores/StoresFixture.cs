namespace MemoryAspire.TestStores;

/// <summary>
/// One PostgreSQL and one Redis for all tests of an assembly, each started when first asked for:
/// <c>[assembly: AssemblyFixture(typeof(StoresFixture))]</c>, and tests take it by constructor.
/// Tests that kill a server start one of their own.
/// </summary>
public sealed class StoresFixture : IAsyncDisposable
{
    private readonly Lazy<Task<PostgresServer>> postgres = new(() => PostgresServer.StartAsync(new PostgresServerOptions { Fsync = false }));
    private readonly Lazy<Task<RedisServer>> redis = new(() => RedisServer.StartAsync());

    public Task<PostgresServer> PostgresAsync() => postgres.Value;

    public Task<RedisServer> RedisAsync() => redis.Value;

    /// <summary>The connection string of an empty PostgreSQL database.</summary>
    public async Task<string> CreatePostgresDatabaseAsync() => await (await PostgresAsync()).CreateDatabaseAsync();

    /// <summary>The connection string of an empty Redis database.</summary>
    public async Task<string> CreateRedisDatabaseAsync() => (await RedisAsync()).CreateDatabase();

    public async ValueTask DisposeAsync()
    {
        await DisposeAsync(postgres);
        await DisposeAsync(redis);
    }

    /// <summary>A server that did not start has been reported by the test that asked for it.</summary>
    private static async ValueTask DisposeAsync<T>(Lazy<Task<T>> server)
        where T : IAsyncDisposable
    {
        if (server is { IsValueCreated: true, Value.IsCompletedSuccessfully: true }) await (await server.Value).DisposeAsync();
    }
}
