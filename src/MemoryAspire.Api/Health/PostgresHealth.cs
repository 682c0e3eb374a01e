using MemoryAspire.Api.Database;
using MemoryAspire.Coordination.Participants;
using MemoryAspire.ServiceDefaults.Resilience;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;
using StackExchange.Redis;

namespace MemoryAspire.Api.Health;

/// <summary>Without PostgreSQL reads go on from Redis; without both nothing does, and only then requests should go elsewhere.</summary>
internal sealed class PostgresHealth(NpgsqlDataSource dataSource, IConnectionMultiplexer redis, DatabaseWatch watch, TimeProvider time) : IHealthCheck
{
    /// <summary>One that hangs must leave time to ask Redis.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan RedisPatience = TimeSpan.FromMilliseconds(500);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (watch.CurrentOrNull is not { } state) return HealthCheckResult.Unhealthy("The database has not been reached yet.");
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            await using var command = dataSource.CreateCommand("select 1");
            await command.ExecuteScalarAsync(either.Token);
            return HealthCheckResult.Healthy(data: new Dictionary<string, object>
            {
                ["incarnation"] = state.Incarnation.ToString(),
                ["generation"] = state.Generation.Number,
                ["model"] = state.Generation.Model,
                ["dimension"] = state.Generation.Dimension,
            });
        }
        catch (Exception exception) when (StoreFailures.IsPostgresAway(exception) || patience.IsCancellationRequested)
        {
            return await IsRedisThereAsync(cancellationToken)
                ? HealthCheckResult.Degraded("PostgreSQL cannot be reached: writes are refused, reads come from the other tiers.")
                : HealthCheckResult.Unhealthy("Neither PostgreSQL nor Redis can be reached: nothing can be written or read.");
        }
    }

    private async Task<bool> IsRedisThereAsync(CancellationToken cancellationToken)
    {
        try
        {
            await redis.GetDatabase().PingAsync().WaitAsync(RedisPatience, time, cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is TimeoutException || RedisParticipant.CannotServe(exception))
        {
            return false;
        }
    }
}
