using MemoryAspire.ServiceDefaults.Resilience;
using MemoryAspire.ServiceDefaults.Stores;
using MemoryAspire.TestStores;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace MemoryAspire.ServiceDefaults.Tests.Stores;

public sealed class RedisClientTests(StoresFixture stores)
{
    private static readonly TimeSpan RecoveryMax = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    [Fact]
    public async Task The_connection_string_comes_by_its_name_and_wins_over_the_settings()
    {
        using var app = RunningService.Build(
            builder => builder.AddRedisClient("redis"), null,
            ("ConnectionStrings:redis", await stores.CreateRedisDatabaseAsync()), ("Aspire:StackExchange:Redis:ConnectionString", "127.0.0.1:9"));

        Assert.True(await SetAsync(app));
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(app)).Entries["StackExchange.Redis"].Status);
    }

    [Fact]
    public async Task The_drivers_options_can_be_set_by_configuration_and_by_code()
    {
        using var app = RunningService.Build(
            builder => builder.AddRedisClient("redis", configureOptions: options => options.ClientName = "by code"), null,
            ("ConnectionStrings:redis", await stores.CreateRedisDatabaseAsync()),
            ("Aspire:StackExchange:Redis:redis:ConfigurationOptions:ConnectTimeout", "1234"));

        var options = ConfigurationOptions.Parse(app.Services.GetRequiredService<IConnectionMultiplexer>().Configuration);

        Assert.Equal("by code", options.ClientName);
        Assert.Equal(1234, options.ConnectTimeout);
        Assert.False(options.AbortOnConnectFail);
    }

    [Fact]
    public void A_missing_connection_string_is_named_when_the_connection_is_asked_for()
    {
        using var app = RunningService.Build(builder => builder.AddRedisClient("redis"), null);

        var missing = Assert.Throws<InvalidOperationException>(() => app.Services.GetRequiredService<IConnectionMultiplexer>());

        Assert.Contains("ConnectionStrings:redis", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_starts_while_Redis_is_away_and_connects_when_it_comes()
    {
        await using var server = await RedisServer.StartAsync();
        await server.KillAsync();
        await using var service = await RunningService.StartAsync(
            builder => builder.AddRedisClient("redis", configureOptions: options => options.ConnectTimeout = 500),
            settings: ("ConnectionStrings:redis", server.ConnectionString));
        Assert.Equal(HealthStatus.Unhealthy, (await CheckAsync(service.App)).Entries["StackExchange.Redis"].Status);

        await server.RestartAsync();

        Assert.True(await RecoversAsync(service.App));
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(service.App)).Entries["StackExchange.Redis"].Status);
    }

    [Fact]
    public async Task While_Redis_is_away_calls_fail_at_once_and_afterwards_the_same_connection_works()
    {
        await using var server = await RedisServer.StartAsync();
        using var app = RunningService.Build(builder => builder.AddRedisStore(), null, ("ConnectionStrings:redis", server.ConnectionString));
        Assert.True(await SetAsync(app));

        await server.KillAsync();
        for (var i = 0; i < 20; i++)
        {
            var away = await Assert.ThrowsAnyAsync<Exception>(() => SetAsync(app));
            Assert.True(StoreFailures.IsRedisAway(away), away.ToString());
        }
        Assert.Equal(Polly.CircuitBreaker.CircuitState.Open, app.Services.GetRequiredService<StorePipelines>().BreakerOf("Redis"));

        await server.RestartAsync();
        Assert.True(await RecoversAsync(app));
        Assert.Equal(Polly.CircuitBreaker.CircuitState.Closed, app.Services.GetRequiredService<StorePipelines>().BreakerOf("Redis"));
    }

    private static async Task<bool> RecoversAsync(WebApplication app)
    {
        for (var deadline = DateTime.UtcNow + RecoveryMax; DateTime.UtcNow < deadline; await Task.Delay(Poll, TestContext.Current.CancellationToken))
        {
            try
            {
                return await SetAsync(app);
            }
            catch (Exception exception) when (StoreFailures.IsRedisAway(exception))
            {
                // Not back yet.
            }
        }
        return false;
    }

    private static async Task<bool> SetAsync(WebApplication app)
    {
        var database = app.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();
        return await app.Services.GetRequiredService<StorePipelines>().Redis.ExecuteAsync(
            async token => await database.StringSetAsync("key", "value").WaitAsync(token), TestContext.Current.CancellationToken);
    }

    private static Task<HealthReport> CheckAsync(WebApplication app) =>
        app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken);
}
