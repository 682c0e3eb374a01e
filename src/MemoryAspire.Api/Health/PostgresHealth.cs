using MemoryAspire.Api.Database;
using MemoryAspire.ServiceDefaults.Resilience;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace MemoryAspire.Api.Health;

internal sealed class PostgresHealth(NpgsqlDataSource dataSource, DatabaseWatch watch) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (watch.CurrentOrNull is not { } state) return HealthCheckResult.Unhealthy("The database has not been reached yet.");
        try
        {
            await using var command = dataSource.CreateCommand("select 1");
            await command.ExecuteScalarAsync(cancellationToken);
            return HealthCheckResult.Healthy(data: new Dictionary<string, object>
            {
                ["incarnation"] = state.Incarnation.ToString(),
                ["generation"] = state.Generation.Number,
                ["model"] = state.Generation.Model,
                ["dimension"] = state.Generation.Dimension,
            });
        }
        catch (Exception exception) when (StoreFailures.IsPostgresAway(exception))
        {
            return HealthCheckResult.Degraded("PostgreSQL cannot be reached: writes are refused, reads come from the other tiers.");
        }
    }
}
