using System.Data;
using MemoryAspire.Contracts.Identity;
using Npgsql;

namespace MemoryAspire.Postgres.Leadership;

/// <summary>
/// The connection by which a process stands for election, and on which it holds the advisory lock that makes it the leader.
/// The lock is the server's session's: it goes with the connection, however that ends. A client that is only silent, because
/// its machine is gone, cut off or frozen, is shut out by the server after <see cref="SilenceMax"/>.
/// </summary>
internal sealed class LeaderSession : IAsyncDisposable
{
    /// <summary>Far more than the client waits for an answer, so that a leader that is cut off knows it before another is elected.</summary>
    public static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(6);

    /// <summary>How often an idle client asks for a sign of life, and how long it then waits for it.</summary>
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan CommandTimeout = TimeSpan.FromSeconds(3);

    private readonly NpgsqlConnection _connection;
    private readonly string _name;

    private LeaderSession(NpgsqlConnection connection, string name)
    {
        _connection = connection;
        _name = name;
    }

    public static async Task<LeaderSession> OpenAsync(NpgsqlDataSource dataSource, string name, CancellationToken cancellationToken)
    {
        await using var template = dataSource.CreateConnection();
        var settings = new NpgsqlConnectionStringBuilder(template.ConnectionString)
        {
            // Closing it must end the session, and a call without an answer must break it at once.
            Pooling = false,
            KeepAlive = (int)KeepAlive.TotalSeconds,
            Timeout = (int)CommandTimeout.TotalSeconds,
            CommandTimeout = (int)CommandTimeout.TotalSeconds,
            CancellationTimeout = -1,
        };
        var connection = await template.CloneWithAsync(settings.ConnectionString, cancellationToken);
        try
        {
            await connection.OpenAsync(cancellationToken);
            await using var command = new NpgsqlCommand($"set idle_session_timeout = {SilenceMax.TotalMilliseconds:F0}", connection);
            await command.ExecuteNonQueryAsync(cancellationToken);
            return new LeaderSession(connection, name);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public async Task<bool> TryLockAsync(CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select pg_try_advisory_lock($1)", _connection);
        command.Parameters.Add(new() { Value = (long)Partition.Hash("leader", _name) });
        return await ExecuteAsync(command, cancellationToken) is true;
    }

    /// <summary>Begins the next epoch. Waits for what the former leader is just committing.</summary>
    public async Task<long> BeginEpochAsync(string holder, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            insert into leaders as l (name, epoch, holder, elected_at) values ($1, 1, $2, clock_timestamp())
            on conflict (partition, name) do update set epoch = l.epoch + 1, holder = excluded.holder, elected_at = clock_timestamp()
            returning epoch
            """,
            _connection)
        {
            CommandTimeout = (int)(LeaderTerm.WriteSilenceMax + CommandTimeout).TotalSeconds,
        };
        command.Parameters.Add(new() { Value = _name });
        command.Parameters.Add(new() { Value = holder });
        return await ExecuteAsync(command, cancellationToken) is long epoch ? epoch : throw new InvalidOperationException("An election gave no epoch.");
    }

    /// <summary>Returns when the connection breaks, or the server no longer answers.</summary>
    public async Task<NpgsqlException> BrokenAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Nothing is ever sent here, so only the driver's questions for a sign of life are answered.
            while (true) await _connection.WaitAsync(cancellationToken);
        }
        catch (NpgsqlException exception)
        {
            return exception;
        }
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private async Task<object?> ExecuteAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        try
        {
            return await command.ExecuteScalarAsync(cancellationToken);
        }
        catch (InvalidOperationException exception) when (_connection.State != ConnectionState.Open)
        {
            // The driver's way to say that it found the connection broken between two commands.
            throw new NpgsqlException("The connection broke while it was idle.", new IOException(exception.Message, exception));
        }
    }
}
