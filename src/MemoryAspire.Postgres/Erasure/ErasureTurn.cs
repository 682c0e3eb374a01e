using Npgsql;

namespace MemoryAspire.Postgres.Erasure;

/// <summary>
/// The right to carry on an erasure: one process at a time, so that what is removed is counted once. It goes with the connection,
/// however that ends.
/// </summary>
public sealed class ErasureTurn : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly long _key;

    private ErasureTurn(NpgsqlConnection connection, long key) => (_connection, _key) = (connection, key);

    /// <summary>Null when somebody else has it.</summary>
    public static async Task<ErasureTurn?> TryTakeAsync(NpgsqlDataSource dataSource, Guid erasure, CancellationToken cancellationToken)
    {
        var key = (long)Contracts.Identity.Partition.Hash("erasure", erasure.ToString());
        var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        try
        {
            if (await AskAsync(connection, "select pg_try_advisory_lock($1)", key, cancellationToken)) return new ErasureTurn(connection, key);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }

        await connection.DisposeAsync();
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await AskAsync(_connection, "select pg_advisory_unlock($1)", _key, CancellationToken.None);
        }
        catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException)
        {
            // The connection broke, and the lock is gone with it.
        }
        finally
        {
            await _connection.DisposeAsync();
        }
    }

    private static async Task<bool> AskAsync(NpgsqlConnection connection, string sql, long key, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new() { Value = key });
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }
}
