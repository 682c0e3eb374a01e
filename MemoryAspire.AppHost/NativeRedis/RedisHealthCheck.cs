using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace MemoryAspire.AppHost.NativeRedis;

/// <summary>Redis is well when it answers PING and has loaded its file.</summary>
internal sealed class RedisHealthCheck(NativeRedisResource server) : IHealthCheck, IAsyncDisposable
{
    private readonly SemaphoreSlim gate = new(1);
    private ConnectionMultiplexer? connection;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var redis = await ConnectAsync(cancellationToken);
            await redis.GetDatabase().PingAsync().WaitAsync(TimeSpan.FromSeconds(3), cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception failure) when (failure is RedisException or TimeoutException)
        {
            return HealthCheckResult.Unhealthy(failure.Message);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (connection is not null) await connection.DisposeAsync();
        gate.Dispose();
    }

    private async Task<ConnectionMultiplexer> ConnectAsync(CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (connection is { IsConnected: true }) return connection;
            if (connection is not null) await connection.DisposeAsync();
            connection = null;
            var options = ConfigurationOptions.Parse((await ((IResourceWithConnectionString)server).GetConnectionStringAsync(cancellationToken))!);
            options.ConnectTimeout = 2_000;
            options.ConnectRetry = 1;
            options.AbortOnConnectFail = true;
            return connection = await ConnectionMultiplexer.ConnectAsync(options);
        }
        finally
        {
            gate.Release();
        }
    }
}
