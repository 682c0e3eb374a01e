using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace MemoryAspire.AppHost.NativePostgres;

internal sealed class PostgresHealthCheck(NativePostgresResource server, string database) : IHealthCheck
{
    public static HealthCheckRegistration Registration(string name, NativePostgresResource server, string database) =>
        new(name, _ => new PostgresHealthCheck(server, database), failureStatus: null, tags: null);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await using var connection = await PostgresDatabase.ConnectAsync(server, database, cancellationToken);
            await using var command = new NpgsqlCommand("SELECT 1", connection);
            await command.ExecuteScalarAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (NpgsqlException failure)
        {
            return HealthCheckResult.Unhealthy(failure.Message);
        }
    }
}
