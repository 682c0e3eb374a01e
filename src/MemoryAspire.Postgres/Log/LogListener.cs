using Microsoft.Extensions.Logging;
using Npgsql;

namespace MemoryAspire.Postgres.Log;

/// <summary>
/// Waits for the log to grow: a hint, or the poll interval, whichever comes first. A broken connection is
/// opened again at the next wait; meanwhile the interval serves.
/// </summary>
internal sealed class LogListener(NpgsqlDataSource dataSource, TimeSpan interval, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private NpgsqlConnection? _connection;

    /// <summary>
    /// Begins to listen, so that no event after this goes without a hint. Repeated, it takes in at once the hints that
    /// have queued up, of which each would otherwise end a wait of its own.
    /// </summary>
    public async Task ListenAsync(CancellationToken cancellationToken)
    {
        if (_connection is not { State: System.Data.ConnectionState.Open } connection)
        {
            await DisposeAsync();
            _connection = connection = await dataSource.OpenConnectionAsync(cancellationToken);
        }

        await using var command = new NpgsqlCommand($"listen {LogHints.Channel}", connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        if (_connection is not { State: System.Data.ConnectionState.Open } connection)
        {
            await Task.Delay(interval, time, cancellationToken);
            return;
        }

        try
        {
            await connection.WaitAsync(interval, cancellationToken);
        }
        catch (NpgsqlException exception)
        {
            logger.ListeningBroke(exception);
            await DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is null) return;
        await _connection.DisposeAsync();
        _connection = null;
    }
}
