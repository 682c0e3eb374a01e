using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Postgres.Log;
using Npgsql;

namespace MemoryAspire.Postgres.Writes;

/// <summary>The statements that put events into the tables, one per table whatever their number.</summary>
internal static class WriteStatements
{
    /// <summary>Adds the statements for transactions that were planned, in the order of their events' positions.</summary>
    public static void Add(NpgsqlBatchCommandCollection commands, IReadOnlyList<(WriteTransaction Transaction, IReadOnlyList<MemoryEvent> Events)> committed)
    {
        var events = committed.SelectMany(one => one.Events).ToList();
        if (events.Count == 0) return;
        commands.Add(Heads(events));
        commands.Add(Events(events));

        // A transaction may change a memory twice: the table gets the last state, the log every one.
        var last = LastOfEach(events);
        var present = last.Where(@event => !@event.Removes).ToList();
        var removed = last.Where(@event => @event.Removes).ToList();
        var vectors = committed
            .SelectMany(one => one.Events.Where(BringsVector).Select(@event => (Event: @event, one.Transaction.Model)))
            .ToList();
        var keyed = committed.Where(one => one.Transaction.Key is not null).ToList();
        if (present.Count > 0) commands.Add(Memories(present));
        if (vectors.Count > 0) commands.Add(Vectors(vectors));
        if (removed.Count > 0) commands.Add(Removals(removed));
        if (keyed.Count > 0) commands.Add(IdempotencyKeys.Fulfil(keyed));
    }

    private static List<MemoryEvent> LastOfEach(List<MemoryEvent> events)
    {
        var last = new Dictionary<Contracts.Identity.MemoryId, MemoryEvent>(events.Count);
        foreach (var @event in events) last[@event.MemoryId] = @event;
        return [.. last.Values];
    }

    private static bool BringsVector(MemoryEvent @event) =>
        @event.State is { Vector.IsEmpty: false } state && state.VectorVersion == @event.Version;

    private static NpgsqlBatchCommand Heads(List<MemoryEvent> events)
    {
        var last = events.GroupBy(@event => @event.Partition).Select(group => group.Last()).ToList();
        return Sql.Command(
            "update partition_heads h set head = e.head, at = e.at from unnest($1, $2, $3) e (partition, head, at) where h.partition = e.partition",
            Partitions(last),
            Sql.Column(last, @event => @event.Position.Value),
            Sql.Column(last, @event => @event.At));
    }

    private static NpgsqlBatchCommand Events(List<MemoryEvent> events) => Sql.Command(
        """
        insert into memory_events (
            partition, position, type, tenant, memory_id, version, vector_version, "user", agent, session, kind, content, metadata,
            importance, digest, created_at, updated_at, expires_at, transaction_id, actor, at, span_partitions, span_positions)
        select partition, position, type, tenant, memory_id, version, vector_version, "user", agent, session, kind, content, metadata,
            importance, digest, created_at, updated_at, expires_at, transaction_id, actor, at, span_partitions::smallint[], span_positions::bigint[]
        from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23) e (
            partition, position, type, tenant, memory_id, version, vector_version, "user", agent, session, kind, content, metadata,
            importance, digest, created_at, updated_at, expires_at, transaction_id, actor, at, span_partitions, span_positions)
        """,
        Partitions(events),
        Sql.Column(events, @event => @event.Position.Value),
        Sql.Column(events, @event => @event.Type.ToText()),
        Sql.Column(events, @event => @event.Tenant),
        Sql.Column(events, @event => @event.MemoryId.Value),
        Sql.Column(events, @event => @event.Version),
        Sql.Column(events, @event => @event.State?.VectorVersion),
        Sql.Column(events, @event => @event.Scope.User),
        Sql.Column(events, @event => @event.Scope.Agent),
        Sql.Column(events, @event => @event.Scope.Session),
        Sql.Column(events, @event => @event.Kind.ToText()),
        Sql.Column(events, @event => @event.State?.Memory.Content),
        Sql.Json(events, @event => @event.State?.Memory.Metadata.GetRawText()),
        Sql.Column(events, @event => @event.State?.Memory.Importance),
        Sql.Column(events, @event => (long?)@event.State?.Digest),
        Sql.Column(events, @event => @event.State?.Memory.CreatedAt),
        Sql.Column(events, @event => @event.State?.Memory.UpdatedAt),
        Sql.Column(events, @event => @event.State?.Memory.ExpiresAt),
        Sql.Column(events, @event => @event.TransactionId),
        Sql.Column(events, @event => @event.Actor),
        Sql.Column(events, @event => @event.At),
        Sql.Column(events, SpanPartitions),
        Sql.Column(events, SpanPositions));

    private static NpgsqlBatchCommand Memories(List<MemoryEvent> events) => Sql.Command(
        """
        insert into memories (
            partition, id, tenant, "user", agent, session, kind, content, metadata, importance, version, vector_version, position,
            digest, created_at, updated_at, expires_at, span_partitions, span_positions)
        select partition, id, tenant, "user", agent, session, kind, content, metadata, importance, version, vector_version, position,
            digest, created_at, updated_at, expires_at, span_partitions::smallint[], span_positions::bigint[]
        from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) e (
            partition, id, tenant, "user", agent, session, kind, content, metadata, importance, version, vector_version, position,
            digest, created_at, updated_at, expires_at, span_partitions, span_positions)
        on conflict (partition, id) do update set
            kind = excluded.kind, content = excluded.content, metadata = excluded.metadata, importance = excluded.importance,
            version = excluded.version, vector_version = excluded.vector_version, position = excluded.position, digest = excluded.digest,
            updated_at = excluded.updated_at, expires_at = excluded.expires_at,
            span_partitions = excluded.span_partitions, span_positions = excluded.span_positions
        """,
        Partitions(events),
        Sql.Column(events, @event => @event.MemoryId.Value),
        Sql.Column(events, @event => @event.Tenant),
        Sql.Column(events, @event => @event.Scope.User),
        Sql.Column(events, @event => @event.Scope.Agent),
        Sql.Column(events, @event => @event.Scope.Session),
        Sql.Column(events, @event => State(@event).Memory.Kind.ToText()),
        Sql.Column(events, @event => State(@event).Memory.Content),
        Sql.Json(events, @event => State(@event).Memory.Metadata.GetRawText()),
        Sql.Column(events, @event => State(@event).Memory.Importance),
        Sql.Column(events, @event => @event.Version),
        Sql.Column(events, @event => State(@event).VectorVersion),
        Sql.Column(events, @event => @event.Position.Value),
        Sql.Column(events, @event => (long)State(@event).Digest),
        Sql.Column(events, @event => State(@event).Memory.CreatedAt),
        Sql.Column(events, @event => State(@event).Memory.UpdatedAt),
        Sql.Column(events, @event => State(@event).Memory.ExpiresAt),
        Sql.Column(events, SpanPartitions),
        Sql.Column(events, SpanPositions));

    private static NpgsqlBatchCommand Vectors(List<(MemoryEvent Event, string Model)> vectors) => Sql.Command(
        "insert into memory_vectors (partition, id, vector_version, model, embedding) select * from unnest($1, $2, $3, $4, $5)",
        Sql.Column(vectors, one => (short)one.Event.Partition.Value),
        Sql.Column(vectors, one => one.Event.MemoryId.Value),
        Sql.Column(vectors, one => one.Event.Version),
        Sql.Column(vectors, one => one.Model),
        Sql.Column(vectors, one => State(one.Event).Vector.ToArray()));

    private static NpgsqlBatchCommand Removals(List<MemoryEvent> events) => Sql.Command(
        "delete from memories m using unnest($1, $2) e (partition, id) where m.partition = e.partition and m.id = e.id",
        Partitions(events),
        Sql.Column(events, @event => @event.MemoryId.Value));

    private static MemoryRecord State(MemoryEvent @event) =>
        @event.State ?? throw new InvalidOperationException($"Event {@event.Position} of partition {@event.Partition} has no state.");

    private static NpgsqlParameter<short[]> Partitions(List<MemoryEvent> events) => Sql.Column(events, @event => (short)@event.Partition.Value);

    // Arrays of arrays must be rectangular in PostgreSQL, so these travel as text.
    private static string? SpanPartitions(MemoryEvent @event) => @event.Span.Count == 0 ? null : $"{{{string.Join(',', @event.Span.Select(pair => pair.Key))}}}";

    private static string? SpanPositions(MemoryEvent @event) => @event.Span.Count == 0 ? null : $"{{{string.Join(',', @event.Span.Select(pair => pair.Value))}}}";
}
