using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Postgres.Log;
using Npgsql;
using NpgsqlTypes;

namespace MemoryAspire.Postgres.Writes;

/// <summary>The statements that put events into the tables, one per table whatever their number.</summary>
internal static class WriteStatements
{
    public static NpgsqlBatch For(
        NpgsqlConnection connection, NpgsqlTransaction database, WriteTransaction transaction, IReadOnlyList<MemoryEvent> events)
    {
        var batch = new NpgsqlBatch(connection, database) { BatchCommands = { Heads(events), Events(events) } };
        var created = events.Where(@event => @event.State is not null).ToList();
        var removed = events.Where(@event => @event.Removes).ToList();
        var withVector = created.Where(@event => @event.State is { Vector.IsEmpty: false }).ToList();
        if (created.Count > 0) batch.BatchCommands.Add(Memories(created));
        if (withVector.Count > 0) batch.BatchCommands.Add(Vectors(withVector, transaction.Model));
        if (removed.Count > 0) batch.BatchCommands.Add(Removals(removed));
        if (transaction.Key is { } key) batch.BatchCommands.Add(IdempotencyKeys.Fulfil(transaction, key, events));
        return batch;
    }

    private static NpgsqlBatchCommand Heads(IReadOnlyList<MemoryEvent> events)
    {
        var last = events.GroupBy(@event => @event.Partition).Select(group => group.Last()).ToList();
        return Command(
            "update partition_heads h set head = e.head, at = e.at from unnest($1, $2, $3) e (partition, head, at) where h.partition = e.partition",
            Partitions(last),
            Column(last, @event => @event.Position.Value),
            Column(last, @event => @event.At));
    }

    private static NpgsqlBatchCommand Events(IReadOnlyList<MemoryEvent> events) => Command(
        """
        insert into memory_events (
            partition, position, type, tenant, memory_id, version, vector_version, "user", agent, session, kind, content, metadata,
            importance, digest, created_at, updated_at, expires_at, transaction_id, actor, at)
        select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
        """,
        Partitions(events),
        Column(events, @event => @event.Position.Value),
        Column(events, @event => @event.Type.ToText()),
        Column(events, @event => @event.Tenant),
        Column(events, @event => @event.MemoryId.Value),
        Column(events, @event => @event.Version),
        Column(events, @event => @event.State?.VectorVersion),
        Column(events, @event => @event.Scope.User),
        Column(events, @event => @event.Scope.Agent),
        Column(events, @event => @event.Scope.Session),
        Column(events, @event => @event.Kind.ToText()),
        Column(events, @event => @event.State?.Memory.Content),
        Json(events, @event => @event.State?.Memory.Metadata.GetRawText()),
        Column(events, @event => @event.State?.Memory.Importance),
        Column(events, @event => (long?)@event.State?.Digest),
        Column(events, @event => @event.State?.Memory.CreatedAt),
        Column(events, @event => @event.State?.Memory.UpdatedAt),
        Column(events, @event => @event.State?.Memory.ExpiresAt),
        Column(events, @event => @event.TransactionId),
        Column(events, @event => @event.Actor),
        Column(events, @event => @event.At));

    private static NpgsqlBatchCommand Memories(List<MemoryEvent> events) => Command(
        """
        insert into memories (
            partition, id, tenant, "user", agent, session, kind, content, metadata, importance, version, vector_version, position,
            digest, created_at, updated_at, expires_at)
        select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
        """,
        Partitions(events),
        Column(events, @event => @event.MemoryId.Value),
        Column(events, @event => @event.Tenant),
        Column(events, @event => @event.Scope.User),
        Column(events, @event => @event.Scope.Agent),
        Column(events, @event => @event.Scope.Session),
        Column(events, @event => State(@event).Memory.Kind.ToText()),
        Column(events, @event => State(@event).Memory.Content),
        Json(events, @event => State(@event).Memory.Metadata.GetRawText()),
        Column(events, @event => State(@event).Memory.Importance),
        Column(events, @event => @event.Version),
        Column(events, @event => State(@event).VectorVersion),
        Column(events, @event => @event.Position.Value),
        Column(events, @event => (long)State(@event).Digest),
        Column(events, @event => State(@event).Memory.CreatedAt),
        Column(events, @event => State(@event).Memory.UpdatedAt),
        Column(events, @event => State(@event).Memory.ExpiresAt));

    private static NpgsqlBatchCommand Vectors(List<MemoryEvent> events, string model) => Command(
        "insert into memory_vectors (partition, id, vector_version, model, embedding) select p, i, n, $5, v from unnest($1, $2, $3, $4) e (p, i, n, v)",
        Partitions(events),
        Column(events, @event => @event.MemoryId.Value),
        Column(events, @event => @event.Version),
        Column(events, @event => State(@event).Vector.ToArray()),
        new NpgsqlParameter { Value = model });

    private static NpgsqlBatchCommand Removals(List<MemoryEvent> events) => Command(
        "delete from memories m using unnest($1, $2) e (partition, id) where m.partition = e.partition and m.id = e.id",
        Partitions(events),
        Column(events, @event => @event.MemoryId.Value));

    private static MemoryRecord State(MemoryEvent @event) =>
        @event.State ?? throw new InvalidOperationException($"Event {@event.Position} of partition {@event.Partition} has no state.");

    private static NpgsqlParameter<short[]> Partitions(IReadOnlyList<MemoryEvent> events) => Column(events, @event => (short)@event.Partition.Value);

    private static NpgsqlParameter<T[]> Column<T>(IReadOnlyList<MemoryEvent> events, Func<MemoryEvent, T> value) =>
        new() { TypedValue = [.. events.Select(value)] };

    private static NpgsqlParameter<string?[]> Json(IReadOnlyList<MemoryEvent> events, Func<MemoryEvent, string?> value) =>
        new() { TypedValue = [.. events.Select(value)], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb };

    private static NpgsqlBatchCommand Command(string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters) command.Parameters.Add(parameter);
        return command;
    }
}
