using MemoryAspire.Coordination.Participants;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace MemoryAspire.Api.Health;

internal sealed class RedisHealth(IConnectionMultiplexer redis) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await redis.GetDatabase().PingAsync().WaitAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception exception) when (RedisParticipant.CannotServe(exception))
        {
            return HealthCheckResult.Degraded("Redis cannot be reached: PostgreSQL answers reads.");
        }
    }
}
