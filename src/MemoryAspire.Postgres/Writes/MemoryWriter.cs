using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Postgres.Dedupe;
using MemoryAspire.Postgres.Log;
using MemoryAspire.Postgres.Memories;
using Npgsql;

namespace MemoryAspire.Postgres.Writes;

/// <summary>
/// Opens groups: transactions that share one transaction of PostgreSQL. Locks are taken in one order by every writer:
/// idempotency keys, dedupe keys, heads ascending, rows.
/// </summary>
public sealed class MemoryWriter(NpgsqlDataSource dataSource, TransactionStatus status, LogHints hints)
{
    /// <summary>Begins a group and takes its locks, in one round trip unless a key was used before.</summary>
    /// <param name="group">No two with the same tenant and key.</param>
    /// <exception cref="NpgsqlException">Nothing was stored.</exception>
    public async Task<GroupWrite> BeginAsync(IReadOnlyList<WriteTransaction> group, CancellationToken cancellationToken)
    {
        var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        try
        {
            var locked = await LockAsync(connection, group, cancellationToken);
            if (locked.Duplicates is { } duplicates) await duplicates.CompleteAsync(connection, cancellationToken);
            var settled = new Dictionary<Guid, WriteOutcome>();
            foreach (var (id, taken) in locked.Keys.Where(key => key.Value != KeyTaken.First))
            {
                settled[id] = taken == KeyTaken.InFlight
                    ? new WriteOutcome.KeyInFlight()
                    : await IdempotencyKeys.ReplayAsync(connection, group.Single(transaction => transaction.Id == id), cancellationToken);
            }

            return new GroupWrite(connection, group, locked, settled, status, hints);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>A group of one, on which no participant votes: the derived tiers follow.</summary>
    public async Task<WriteOutcome> WriteAsync(WriteTransaction transaction, CancellationToken cancellationToken)
    {
        await using var write = await BeginAsync([transaction], cancellationToken);
        var outcome = write.Plan(new Dictionary<Guid, WriteOutcome>())[0];
        await write.CommitAsync();
        return outcome;
    }

    /// <summary>What the first request with the transaction's key did; null when there was none.</summary>
    public async Task<WriteOutcome?> ReplayAsync(WriteTransaction transaction, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await IdempotencyKeys.ReplayAsync(connection, transaction, cancellationToken) is WriteOutcome.Committed replayed ? replayed : null;
    }

    private static async Task<LockedGroup> LockAsync(NpgsqlConnection connection, IReadOnlyList<WriteTransaction> group, CancellationToken cancellationToken)
    {
        var keyed = group.Where(transaction => transaction.Key is not null).ToList();
        var operations = group.SelectMany(transaction => transaction.Operations.Select(operation => (transaction.Model, Operation: operation))).ToList();
        var due = operations.Where(one => one.Operation is WriteOperation.Expire).ToList();
        var named = operations.Where(one => one.Operation is not (WriteOperation.Create or WriteOperation.Expire)).ToList();
        var merges = operations.Where(one => one.Operation is WriteOperation.Update { OnConflict: Conflicts.OnConflict.Merge, IfMatch: not null }).ToList();

        var duplicates = Duplicates.Of(group);

        // A connection that goes back to its pool with the transaction open is rolled back there.
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new("begin"), new("select pg_current_xact_id()::text") } };
        if (keyed.Count > 0) batch.BatchCommands.Add(IdempotencyKeys.Take(keyed));
        duplicates?.AddTo(batch.BatchCommands);
        batch.BatchCommands.Add(LockHeads([.. operations.Select(one => one.Operation.Id.Partition).Distinct()]));
        if (named.Count > 0) batch.BatchCommands.Add(LockRows(named));
        if (merges.Count > 0) batch.BatchCommands.Add(ReadBases(merges));
        if (due.Count > 0) batch.BatchCommands.Add(LockDue(due));

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var locked = new LockedGroup(reader.GetString(0)) { Duplicates = duplicates };
        await reader.NextResultAsync(cancellationToken);
        if (keyed.Count > 0)
        {
            locked.Keys = await IdempotencyKeys.ReadTakenAsync(reader, keyed, cancellationToken);
            await reader.NextResultAsync(cancellationToken);
        }

        if (duplicates is not null) await duplicates.ReadAsync(reader, cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            locked.Heads.Add(new Partition((byte)reader.GetInt16(0)), (new Position(reader.GetInt64(1)), reader.Time(2)));
        }

        if (named.Count > 0 && await reader.NextResultAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                var row = MemoryRows.Read(reader, withVector: true);
                locked.Rows[row.Record.Memory.Id] = row;
            }
        }

        if (merges.Count > 0 && await reader.NextResultAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                var @event = EventRows.Read(reader);
                locked.Bases[(@event.MemoryId, @event.Version)] = @event;
            }
        }

        if (due.Count > 0 && await reader.NextResultAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                var row = MemoryRows.Read(reader);
                locked.Due[row.Record.Memory.Id] = row;
            }
        }

        return locked;
    }

    private static NpgsqlBatchCommand LockHeads(List<Partition> partitions) => Sql.Command(
        "select partition, head, greatest(at, clock_timestamp()) from partition_heads where partition = any($1) order by partition for update",
        Sql.Column(partitions, partition => (short)partition.Value));

    private static NpgsqlBatchCommand LockRows(List<(string Model, WriteOperation Operation)> named) => Sql.Command(
        $"""
        select {MemoryRows.Columns}, v.embedding
        from memories m
        left join memory_vectors v on v.partition = m.partition and v.id = m.id and v.vector_version = m.vector_version and v.model = $3
        where (m.partition, m.id) in (select * from unnest($1, $2)) and (m.expires_at is null or m.expires_at > clock_timestamp())
        order by m.partition, m.id for update of m
        """,
        Sql.Column(named, one => (short)one.Operation.Id.Partition.Value),
        Sql.Column(named, one => one.Operation.Id.Value),
        new NpgsqlParameter<string> { TypedValue = named[0].Model });

    private static NpgsqlBatchCommand LockDue(List<(string Model, WriteOperation Operation)> due) => Sql.Command(
        $"""
        select {MemoryRows.Columns}
        from memories m
        where (m.partition, m.id) in (select * from unnest($1, $2))
        order by m.partition, m.id for update of m
        """,
        Sql.Column(due, one => (short)one.Operation.Id.Partition.Value),
        Sql.Column(due, one => one.Operation.Id.Value));

    private static NpgsqlBatchCommand ReadBases(List<(string Model, WriteOperation Operation)> merges) => Sql.Command(
        $"""
        select {EventRows.Columns}, null::bytea
        from memory_events e
        where (e.partition, e.memory_id, e.version) in (select * from unnest($1, $2, $3))
        """,
        Sql.Column(merges, one => (short)one.Operation.Id.Partition.Value),
        Sql.Column(merges, one => one.Operation.Id.Value),
        Sql.Column(merges, one => ((WriteOperation.Update)one.Operation).IfMatch!.Value));
}

/// <summary>What a group's locks hold still.</summary>
internal sealed class LockedGroup(string transactionId)
{
    /// <summary>PostgreSQL's own transaction id, by which the outcome can be asked for.</summary>
    public string TransactionId { get; } = transactionId;

    public Dictionary<Guid, KeyTaken> Keys { get; set; } = [];

    /// <summary>The head of each partition, and the time of the next event there, never before its last event's.</summary>
    public Dictionary<Partition, (Position Head, DateTimeOffset At)> Heads { get; } = [];

    /// <summary>The rows that exist and are not expired, whosever they are.</summary>
    public Dictionary<MemoryId, StoredMemory> Rows { get; } = [];

    /// <summary>What creates with dedupe would double; null when there are none.</summary>
    public Duplicates? Duplicates { get; init; }

    /// <summary>The rows that are to expire, if their time is over.</summary>
    public Dictionary<MemoryId, StoredMemory> Due { get; } = [];

    /// <summary>The events that made the versions which merges name.</summary>
    public Dictionary<(MemoryId Id, long Version), MemoryEvent> Bases { get; } = [];
}
