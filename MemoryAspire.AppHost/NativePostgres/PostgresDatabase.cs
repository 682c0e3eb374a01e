using Microsoft.Extensions.Logging;
using Npgsql;

namespace MemoryAspire.AppHost.NativePostgres;

internal static class PostgresDatabase
{
    public static async Task CreateIfMissingAsync(NativePostgresResource server, string name, ILogger logger, CancellationToken cancellationToken)
    {
        await using var connection = await ConnectAsync(server, "postgres", cancellationToken);
        await using var exists = new NpgsqlCommand("SELECT 1 FROM pg_database WHERE datname = $1", connection) { Parameters = { new() { Value = name } } };
        if (await exists.ExecuteScalarAsync(cancellationToken) is not null) return;
        await using var create = new NpgsqlCommand($"CREATE DATABASE \"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"", connection);
        await create.ExecuteNonQueryAsync(cancellationToken);
        Log.CreatedDatabase(logger, name);
    }

    /// <summary>A connection that is closed when it is let go: one that stays in a pool would hold up the server's shutdown.</summary>
    public static async Task<NpgsqlConnection> ConnectAsync(NativePostgresResource server, string database, CancellationToken cancellationToken)
    {
        var given = await ((IResourceWithConnectionString)server).GetConnectionStringAsync(cancellationToken);
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(given)
        {
            Database = database,
            Pooling = false,
            Timeout = 3,
            CommandTimeout = 5,
        }.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
