using MemoryAspire.Coordination.Participants;
using MemoryAspire.Postgres.Log;
using MemoryAspire.Postgres.Schema;
using MemoryAspire.Redis;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MemoryAspire.Reconciler.Following;

/// <summary>Keeps Redis applied to the log's heads, from where Redis itself says it has come.</summary>
internal sealed class RedisFollower(
    SchemaGate gate, LogFollower follower, RedisLogConsumer consumer, TierInstruments instruments, TimeProvider time) : BackgroundService
{
    private readonly MeasuredTier _redis = new("redis", consumer, instruments, time);
    private long _caughtUpAt;

    /// <summary>Since Redis last had everything; null before it first had.</summary>
    public TimeSpan? SinceCaughtUp => Interlocked.Read(ref _caughtUpAt) is var at and not 0 ? time.GetElapsedTime(at) : null;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await gate.Opened.WaitAsync(stoppingToken);
        await follower.RunAsync(
            _redis, RedisParticipant.CannotServe, () => Interlocked.Exchange(ref _caughtUpAt, time.GetTimestamp()), stoppingToken);
    }
}

/// <summary>Whether Redis is kept up to date: a store that is away makes it Degraded.</summary>
internal sealed class FollowingHealth(RedisFollower follower) : IHealthCheck
{
    private static readonly TimeSpan SinceMax = TimeSpan.FromSeconds(10);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(follower.SinceCaughtUp switch
        {
            null => HealthCheckResult.Unhealthy("Redis has not been brought up to the log yet."),
            var since when since > SinceMax => HealthCheckResult.Degraded($"Redis was last up to the log {since.Value.TotalSeconds:F0} s ago."),
            _ => HealthCheckResult.Healthy(),
        });
}

internal static class RedisFollowerRegistration
{
    extension(IHostApplicationBuilder builder)
    {
        public void AddRedisFollower()
        {
            builder.Services.AddHostedService<RedisEvictions>().AddSingleton<RedisFollower>().AddHostedService(services => services.GetRequiredService<RedisFollower>());
            builder.Services.AddHealthChecks().AddCheck<FollowingHealth>("redis");
        }
    }
}
