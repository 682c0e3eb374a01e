using StackExchange.Redis;

namespace MemoryAspire.TestStores.Tests;

public sealed class RedisServerTests
{
    [Fact]
    public async Task What_was_appended_is_there_after_a_kill_and_a_restart()
    {
        await using var server = await RedisServer.StartAsync();
        await SetAsync(server.ConnectionString, "key", "kept");
        var port = server.Port;

        await server.KillAsync();
        await server.RestartAsync();

        Assert.Equal(port, server.Port);
        Assert.Equal("kept", await GetAsync(server.ConnectionString, "key"));
    }

    [Fact]
    public async Task Without_the_append_only_file_a_kill_loses_everything()
    {
        await using var server = await RedisServer.StartAsync(new() { AppendOnly = false });
        await SetAsync(server.ConnectionString, "key", "lost");

        await server.KillAsync();
        await server.RestartAsync();

        Assert.Null(await GetAsync(server.ConnectionString, "key"));
    }

    [Fact]
    public async Task Two_servers_and_their_databases_know_nothing_of_each_other()
    {
        await using var one = await RedisServer.StartAsync();
        await using var other = await RedisServer.StartAsync();
        string[] databases = [one.CreateDatabase(), one.CreateDatabase(), other.CreateDatabase()];

        foreach (var database in databases) await SetAsync(database, "key", database);

        foreach (var database in databases) Assert.Equal(database, await GetAsync(database, "key"));
    }

    [Fact]
    public async Task Without_the_password_nothing_is_answered()
    {
        await using var server = await RedisServer.StartAsync();
        var open = $"127.0.0.1:{server.Port}";

        await Assert.ThrowsAnyAsync<RedisException>(() => GetAsync(open, "key"));
    }

    private static async Task SetAsync(string connectionString, string key, string value)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(connectionString);
        await connection.GetDatabase().StringSetAsync(key, value);
    }

    private static async Task<string?> GetAsync(string connectionString, string key)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(connectionString);
        return await connection.GetDatabase().StringGetAsync(key);
    }
}
