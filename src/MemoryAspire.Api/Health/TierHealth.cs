using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MemoryAspire.Api.Health;

/// <summary>
/// One entry per tier. A tier that is away makes the service Degraded, since reads go on without any one of
/// them; it is Unhealthy when nothing works: without PostgreSQL and Redis, and before the database was first reached.
/// </summary>
internal static class TierHealth
{
    extension(IHostApplicationBuilder builder)
    {
        public void AddTierHealth()
        {
            builder.Services.AddHostedService<IndexSize>();
            builder.Services.AddHealthChecks()
                .AddCheck<PostgresHealth>("postgres", HealthStatus.Degraded, timeout: Timeout)
                .AddCheck<RedisHealth>("redis", HealthStatus.Degraded, timeout: Timeout)
                .AddCheck<IndexHealth>("index", HealthStatus.Degraded, timeout: Timeout)
                .AddCheck<ConsistencyHealth>("consistency", HealthStatus.Degraded, timeout: Timeout);
        }
    }

    private static TimeSpan Timeout { get; } = TimeSpan.FromSeconds(2);
}
