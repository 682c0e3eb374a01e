using MemoryAspire.AppHost.NativeRedis;
using MemoryAspire.AppHost.Supervision;
using StackExchange.Redis;

namespace MemoryAspire.AppHost.Tests;

public sealed class NativeRedisTests : StackTest
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_written_survives_a_kill_and_a_restart(bool standIn)
    {
        await using (var application = NewApplication(standIn))
        {
            await application.StartAsync(Patience);
            var first = await RunningAsync(application, "redis");
            var connectionString = await ConnectionStringAsync(application, "redis");
            await using (var redis = await ConnectionMultiplexer.ConnectAsync(connectionString))
            {
                await redis.GetDatabase().StringSetAsync("kept", "yes");
                Assert.Equal(3, (int)await redis.GetDatabase().ScriptEvaluateAsync("return tonumber(ARGV[1]) + 1", values: [2]));
            }

            // Both append to their file every second.
            await Task.Delay(TimeSpan.FromSeconds(1.5), Patience);
            Kill(first);
            await RunningAsync(application, "redis", other: first);
            Assert.Equal(connectionString, await ConnectionStringAsync(application, "redis"));
            await using var after = await ConnectionMultiplexer.ConnectAsync(connectionString);
            Assert.Equal("yes", (string?)await after.GetDatabase().StringGetAsync("kept"));
            await Assert.ThrowsAsync<RedisConnectionException>(() => ConnectionMultiplexer.ConnectAsync(connectionString.Split(',')[0]));
        }

        Assert.Empty(Leftovers.Find(DirectoryPath));
    }

    [Fact]
    public async Task The_server_appends_to_its_file_and_evicts_only_what_has_a_lifetime()
    {
        await using var application = NewApplication(standIn: false);
        await application.StartAsync(Patience);
        await RunningAsync(application, "redis");
        await using var redis = await ConnectionMultiplexer.ConnectAsync(await ConnectionStringAsync(application, "redis") + ",allowAdmin=true");
        var server = redis.GetServers().Single();
        Assert.Equal("yes", (await server.ConfigGetAsync("appendonly")).Single().Value);
        Assert.Equal("volatile-lru", (await server.ConfigGetAsync("maxmemory-policy")).Single().Value);
        Assert.Equal("127.0.0.1", (await server.ConfigGetAsync("bind")).Single().Value);
    }

    private DistributedApplication NewApplication(bool standIn)
    {
        var (builder, stack) = NewStack();
        builder.AddNativeRedis("redis", stack.AddSecret("redis-password"), stack, standIn);
        return builder.Build();
    }
}
