using System.Data;
using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Postgres.Log;
using MemoryAspire.Postgres.Memories;
using Npgsql;
using NpgsqlTypes;

namespace MemoryAspire.Postgres.Reconciliation;

/// <summary>Rows of one partition as they are at its head, whosever they are and whether or not their time is over.</summary>
/// <param name="Events">The events after the position asked for, up to the head.</param>
public sealed record RowSnapshot(Position Head, IReadOnlyDictionary<MemoryId, StoredMemory> Rows, IReadOnlyList<MemoryEvent> Events);

/// <summary>Reads rows to compare other tiers with.</summary>
public sealed class RowStates(NpgsqlDataSource dataSource)
{
    /// <summary>More events than this are for the follower.</summary>
    public const int EventsMax = 2_000;

    /// <summary>Some rows with their vectors of a model, and the partition's head, in one snapshot.</summary>
    /// <param name="model">Whose vectors; null: without.</param>
    public async Task<RowSnapshot> ReadAsync(Partition partition, IReadOnlyCollection<MemoryId> ids, string? model, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { RowsOf(partition, ids, model) } };
        return await ReadAsync(batch, withEvents: false, cancellationToken);
    }

    /// <summary>The same with the events after a position, all in one snapshot.</summary>
    public async Task<RowSnapshot> ReadAsync(Partition partition, IReadOnlyCollection<MemoryId> ids, string? model, Position after, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        await using var batch = new NpgsqlBatch(connection, transaction) { BatchCommands = { RowsOf(partition, ids, model), EventsOf(partition, after, model) } };
        var snapshot = await ReadAsync(batch, withEvents: true, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return snapshot;
    }

    /// <summary>Some rows of any partitions without vectors, and the heads of all partitions asked for, in one snapshot.</summary>
    public async Task<(IReadOnlyDictionary<MemoryId, StoredMemory> Rows, IReadOnlyDictionary<Partition, Position> Heads)> ReadManyAsync(
        IReadOnlyCollection<MemoryId> ids, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            $"""
            select a.partition, h.head, {MemoryRows.Columns}
            from unnest($1, $2) a (partition, id)
            join partition_heads h on h.partition = a.partition
            left join memories m on m.partition = a.partition and m.id = a.id
            """);
        command.Parameters.Add(new() { Value = ids.Select(id => (short)id.Partition.Value).ToArray() });
        command.Parameters.Add(new() { Value = ids.Select(id => id.Value).ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new Dictionary<MemoryId, StoredMemory>();
        var heads = new Dictionary<Partition, Position>();
        while (await reader.ReadAsync(cancellationToken))
        {
            heads[new Partition((byte)reader.GetInt16(0))] = new Position(reader.GetInt64(1));
            if (reader.IsDBNull(2)) continue;
            var row = MemoryRows.Read(reader, 2);
            rows[row.Record.Memory.Id] = row;
        }

        return (rows, heads);
    }

    /// <summary>Whether a row, read with its vector, is what its own digest says.</summary>
    public static bool IsWhole(StoredMemory row) => MemoryDigest.Of(row.Record.Tenant, row.Record.Memory, row.Record.Vector.Span) == row.Record.Digest;

    /// <summary>A row, or its absence, as the event that would make it so.</summary>
    public static MemoryEvent ToEvent(MemoryId id, StoredMemory? row, Position at) => new(
        id.Partition,
        at,
        row is null ? EventType.Deleted : EventType.Updated,
        row?.Record.Tenant ?? "",
        id,
        row?.Record.Memory.Version ?? 1,
        row?.Record.Memory.Scope ?? Scope.None,
        row?.Record,
        Guid.Empty,
        "",
        default)
    {
        Kind = row?.Record.Memory.Kind ?? MemoryKind.Episodic,
    };

    private static NpgsqlBatchCommand RowsOf(Partition partition, IReadOnlyCollection<MemoryId> ids, string? model) => new(
        $"""
        select h.head, {MemoryRows.Columns}, v.embedding
        from partition_heads h
        left join memories m on m.partition = h.partition and m.id = any($2)
        left join memory_vectors v on v.partition = m.partition and v.id = m.id and v.vector_version = m.vector_version and v.model = $3
        where h.partition = $1
        """)
    {
        Parameters =
        {
            new() { Value = (short)partition.Value },
            new() { Value = ids.Select(id => id.Value).ToArray() },
            new() { Value = (object?)model ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
        },
    };

    private static NpgsqlBatchCommand EventsOf(Partition partition, Position after, string? model) => new(
        $"""
        select {EventRows.Columns}, v.embedding
        from memory_events e
        left join memory_vectors v on v.partition = e.partition and v.id = e.memory_id and v.vector_version = e.vector_version and v.model = $3
        where e.partition = $1 and e.position > $2
        order by e.position limit $4
        """)
    {
        Parameters =
        {
            new() { Value = (short)partition.Value },
            new() { Value = after.Value },
            new() { Value = (object?)model ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
            new() { Value = (long)EventsMax },
        },
    };

    private static async Task<RowSnapshot> ReadAsync(NpgsqlBatch batch, bool withEvents, CancellationToken cancellationToken)
    {
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var rows = new Dictionary<MemoryId, StoredMemory>();
        Position? head = null;
        while (await reader.ReadAsync(cancellationToken))
        {
            head = new Position(reader.GetInt64(0));
            if (reader.IsDBNull(1)) continue;
            var row = MemoryRows.Read(reader, 1, withVector: true);
            rows.Add(row.Record.Memory.Id, row);
        }

        var events = new List<MemoryEvent>();
        if (withEvents && await reader.NextResultAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken)) events.Add(EventRows.Read(reader));
        }

        return new RowSnapshot(head ?? throw new InvalidOperationException("A partition has no head."), rows, events);
    }
}
