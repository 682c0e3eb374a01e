using System.Text.Json;
using MemoryAspire.Postgres.Leadership;
using MemoryAspire.Postgres.Memories;
using Npgsql;
using NpgsqlTypes;

namespace MemoryAspire.Postgres.Reconciliation;

/// <summary>
/// The runs, by which those who ask and the leader who works speak to each other. Only the leader changes a run that has begun,
/// in transactions that hold its epoch.
/// </summary>
public sealed class ReconciliationRuns(NpgsqlDataSource dataSource, TimeProvider time)
{
    /// <summary>How long a run that is over is kept.</summary>
    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(30);

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private const string Columns =
        "id, actor, trigger, options, state, cancel_requested, epoch, progress, report, error, requested_at, started_at, finished_at";

    /// <summary>Asks for a run.</summary>
    public async Task<Guid> RequestAsync(string actor, ReconciliationOrder order, CancellationToken cancellationToken)
    {
        var id = Guid.CreateVersion7(time.GetUtcNow());
        await using var command = dataSource.CreateCommand(
            "insert into reconciliation_runs (id, actor, trigger, options, state) values ($1, $2, 'request', $3, 'waiting')");
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = actor });
        command.Parameters.Add(ToJson(order));
        await command.ExecuteNonQueryAsync(cancellationToken);
        return id;
    }

    /// <summary>The latest runs, newest first.</summary>
    public async Task<IReadOnlyList<ReconciliationRun>> ListAsync(int limit, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand($"select {Columns} from reconciliation_runs order by requested_at desc, id desc limit $1");
        command.Parameters.Add(new() { Value = (long)limit });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var runs = new List<ReconciliationRun>();
        while (await reader.ReadAsync(cancellationToken)) runs.Add(Read(reader));
        return runs;
    }

    public async Task<ReconciliationRun?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand($"select {Columns} from reconciliation_runs where partition = 0 and id = $1");
        command.Parameters.Add(new() { Value = id });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    /// <summary>Asks a run to stop: one that waits is over at once, one that runs at its next step. Null when there is none of this id.</summary>
    public async Task<ReconciliationRun?> CancelAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            $"""
            update reconciliation_runs set
                cancel_requested = cancel_requested or state in ('waiting', 'running'),
                finished_at = case when state = 'waiting' then clock_timestamp() else finished_at end,
                state = case when state = 'waiting' then 'cancelled' else state end
            where partition = 0 and id = $1 returning {Columns}
            """);
        command.Parameters.Add(new() { Value = id });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    /// <summary>
    /// Asks for a run by the clock, unless one was within the interval; forgets what is old. The first one is due when the leader
    /// has been there for an interval: there is nothing yet that could have gone wrong.
    /// </summary>
    /// <exception cref="LeadershipLostException">This process no longer leads.</exception>
    public Task ScheduleAsync(LeaderTerm term, string actor, ReconciliationOrder order, TimeSpan interval, TimeSpan alive, CancellationToken cancellationToken) =>
        LeadAsync(term, async transaction =>
        {
            await using var command = new NpgsqlCommand(
                """
                with old as (delete from reconciliation_runs where requested_at < now() - $5)
                insert into reconciliation_runs (id, actor, trigger, options, state)
                select $1, $2, 'schedule', $3, 'waiting'
                from (
                    select coalesce(now() - max(requested_at), $6) as since from reconciliation_runs
                    where trigger = 'schedule' and options -> 'deep' = $3 -> 'deep') last
                where last.since >= $4
                """,
                transaction.Connection,
                transaction);
            command.Parameters.Add(new() { Value = Guid.CreateVersion7(time.GetUtcNow()) });
            command.Parameters.Add(new() { Value = actor });
            command.Parameters.Add(ToJson(order));
            command.Parameters.Add(new() { Value = interval });
            command.Parameters.Add(new() { Value = KeptFor });
            command.Parameters.Add(new() { Value = alive });
            return await command.ExecuteNonQueryAsync(cancellationToken);
        }, cancellationToken);

    /// <summary>The run to work on: one that was begun, by whomever, before those that wait; null when there is none.</summary>
    /// <exception cref="LeadershipLostException">This process no longer leads.</exception>
    public Task<ReconciliationRun?> TakeAsync(LeaderTerm term, CancellationToken cancellationToken) => LeadAsync(term, async transaction =>
    {
        await using var command = new NpgsqlCommand(
            $"""
            update reconciliation_runs set state = 'running', epoch = $1, started_at = coalesce(started_at, clock_timestamp())
            where partition = 0 and id = (
                select id from reconciliation_runs where state in ('waiting', 'running')
                order by state = 'waiting', requested_at, id limit 1)
            returning {Columns}
            """,
            transaction.Connection,
            transaction);
        command.Parameters.Add(new() { Value = term.Epoch });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }, cancellationToken);

    /// <summary>Keeps how far a run is and what it found; true when it is to stop.</summary>
    /// <exception cref="LeadershipLostException">This process no longer leads: another one goes on from what was kept.</exception>
    public Task<bool> SaveAsync(LeaderTerm term, Guid id, RunProgress progress, JsonElement report, CancellationToken cancellationToken) =>
        LeadAsync(term, async transaction =>
        {
            await using var command = new NpgsqlCommand(
                "update reconciliation_runs set progress = $2, report = $3 where partition = 0 and id = $1 and state = 'running' returning cancel_requested",
                transaction.Connection,
                transaction);
            command.Parameters.Add(new() { Value = id });
            command.Parameters.Add(ToJson(progress));
            command.Parameters.Add(ToJson(report));

            // A run that was deleted, or is over, is not gone on with.
            return await command.ExecuteScalarAsync(cancellationToken) is not false;
        }, cancellationToken);

    /// <summary>Ends a run.</summary>
    /// <exception cref="LeadershipLostException">This process no longer leads.</exception>
    public Task FinishAsync(LeaderTerm term, Guid id, string state, string? error, RunProgress progress, JsonElement report, CancellationToken cancellationToken) =>
        LeadAsync(term, async transaction =>
        {
            await using var command = new NpgsqlCommand(
                """
                update reconciliation_runs set state = $2, error = $3, progress = $4, report = $5, finished_at = clock_timestamp()
                where partition = 0 and id = $1 and state = 'running'
                """,
                transaction.Connection,
                transaction);
            command.Parameters.Add(new() { Value = id });
            command.Parameters.Add(new() { Value = state });
            command.Parameters.Add(new() { Value = (object?)error ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
            command.Parameters.Add(ToJson(progress));
            command.Parameters.Add(ToJson(report));
            return await command.ExecuteNonQueryAsync(cancellationToken);
        }, cancellationToken);

    /// <summary>That this process leads at this moment. What is done next in another store is harmless even if it no longer does.</summary>
    /// <exception cref="LeadershipLostException">It does not.</exception>
    public Task EnsureAsync(LeaderTerm term, CancellationToken cancellationToken) => LeadAsync(term, _ => Task.FromResult(true), cancellationToken);

    private async Task<T> LeadAsync<T>(LeaderTerm term, Func<NpgsqlTransaction, Task<T>> act, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await term.EnsureAsync(transaction, cancellationToken);
        var result = await act(transaction);
        await transaction.CommitAsync(cancellationToken);
        return result;
    }

    private static NpgsqlParameter ToJson<T>(T value) => new() { Value = JsonSerializer.Serialize(value, Json), NpgsqlDbType = NpgsqlDbType.Jsonb };

    private static ReconciliationRun Read(NpgsqlDataReader row) => new(
        row.GetGuid(0),
        row.GetString(1),
        row.GetString(2),
        Parse<ReconciliationOrder>(row.GetString(3)),
        row.GetString(4),
        row.GetBoolean(5),
        row.IsDBNull(6) ? null : row.GetInt64(6),
        Parse<RunProgress>(row.GetString(7)),
        JsonElement.Parse(row.GetString(8)),
        row.Text(9),
        row.Time(10),
        row.IsDBNull(11) ? null : row.Time(11),
        row.IsDBNull(12) ? null : row.Time(12));

    private static T Parse<T>(string json) => JsonSerializer.Deserialize<T>(json, Json) ?? throw new JsonException("null is no state of a run.");
}
