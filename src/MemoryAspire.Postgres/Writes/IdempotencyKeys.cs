using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Postgres.Log;
using Npgsql;

namespace MemoryAspire.Postgres.Writes;

/// <summary>What became of taking a key.</summary>
internal enum KeyTaken
{
    /// <summary>There is no key.</summary>
    None,

    /// <summary>This is the key's first request.</summary>
    First,

    /// <summary>The key was used before.</summary>
    Used,

    /// <summary>Another transaction holds the key and is not decided yet.</summary>
    InFlight,
}

/// <summary>
/// Idempotency keys, taken first of all locks in a group's transaction, and never waited for: who waits holds up
/// everybody else in the group.
/// </summary>
internal static class IdempotencyKeys
{
    /// <summary>
    /// Takes the keys of some transactions, no key twice. Rows: the transaction's number in <paramref name="keyed"/> from
    /// 1, whether the key was free, whether it is new. One of more than a day ago is nobody's any more.
    /// </summary>
    public static NpgsqlBatchCommand Take(IReadOnlyList<WriteTransaction> keyed) => Sql.Command(
        """
        with asked as materialized (
            select a.*, pg_try_advisory_xact_lock(a.lock) as locked
            from unnest($1, $2, $3, $4, $5) with ordinality a (partition, tenant, key, request_hash, lock, n)),
        taken as (
            insert into idempotency_keys as k (partition, tenant, key, request_hash)
            select partition, tenant, key, request_hash from asked where locked order by partition, tenant, key
            on conflict (partition, tenant, key) do update
                set request_hash = excluded.request_hash, partitions = '{}', positions = '{}', answer = null, existing = null, created_at = now()
                where k.created_at < now() - interval '24 hours'
            returning partition, tenant, key)
        select a.n, a.locked, t.key is not null
        from asked a left join taken t on t.partition = a.partition and t.tenant = a.tenant and t.key = a.key
        """,
        Sql.Column(keyed, PartitionOf),
        Sql.Column(keyed, transaction => transaction.Tenant),
        Sql.Column(keyed, TextOf),
        Sql.Column(keyed, transaction => transaction.Key!.RequestHash.ToArray()),
        Sql.Column(keyed, LockOf));

    public static async Task<Dictionary<Guid, KeyTaken>> ReadTakenAsync(
        NpgsqlDataReader reader, IReadOnlyList<WriteTransaction> keyed, CancellationToken cancellationToken)
    {
        var taken = new Dictionary<Guid, KeyTaken>(keyed.Count);
        while (await reader.ReadAsync(cancellationToken))
        {
            var transaction = keyed[(int)reader.GetInt64(0) - 1];
            taken[transaction.Id] = (reader.GetBoolean(1), reader.GetBoolean(2)) switch
            {
                (false, _) => KeyTaken.InFlight,
                (true, true) => KeyTaken.First,
                (true, false) => KeyTaken.Used,
            };
        }

        return taken;
    }

    /// <summary>Notes where the events of the keys' writes are.</summary>
    public static NpgsqlBatchCommand Fulfil(IReadOnlyList<(WriteTransaction Transaction, IReadOnlyList<MemoryEvent> Events)> committed) => Sql.Command(
        """
        update idempotency_keys k set partitions = e.partitions::smallint[], positions = e.positions::bigint[]
        from unnest($1, $2, $3, $4, $5) e (partition, tenant, key, partitions, positions)
        where k.partition = e.partition and k.tenant = e.tenant and k.key = e.key
        """,
        Sql.Column(committed, one => PartitionOf(one.Transaction)),
        Sql.Column(committed, one => one.Transaction.Tenant),
        Sql.Column(committed, one => TextOf(one.Transaction)),
        Sql.Column(committed, one => ArrayLiteral(one.Events.Select(@event => (long)@event.Partition.Value))),
        Sql.Column(committed, one => ArrayLiteral(one.Events.Select(@event => @event.Position.Value))));

    /// <summary>Notes where the events are of keys' writes of which some found memories instead of making them, and which did.</summary>
    public static NpgsqlBatchCommand FulfilFound(IReadOnlyList<(WriteTransaction Transaction, WriteOutcome.Committed Outcome)> found) => Sql.Command(
        """
        update idempotency_keys k set partitions = e.partitions::smallint[], positions = e.positions::bigint[], existing = e.existing::integer[]
        from unnest($1, $2, $3, $4, $5, $6) e (partition, tenant, key, partitions, positions, existing)
        where k.partition = e.partition and k.tenant = e.tenant and k.key = e.key
        """,
        Sql.Column(found, one => PartitionOf(one.Transaction)),
        Sql.Column(found, one => one.Transaction.Tenant),
        Sql.Column(found, one => TextOf(one.Transaction)),
        Sql.Column(found, one => ArrayLiteral(one.Outcome.Told.Select(@event => (long)@event.Partition.Value))),
        Sql.Column(found, one => ArrayLiteral(one.Outcome.Told.Select(@event => @event.Position.Value))),
        Sql.Column(found, one => ArrayLiteral(one.Outcome.Found.Select(memory => memory.Event is null ? -1L - memory.Operation : memory.Operation))));

    /// <summary>Gives back keys that were taken in this transaction.</summary>
    public static NpgsqlBatchCommand Free(IReadOnlyList<WriteTransaction> keyed) => Sql.Command(
        "delete from idempotency_keys k using unnest($1, $2, $3) e (partition, tenant, key) where k.partition = e.partition and k.tenant = e.tenant and k.key = e.key",
        Sql.Column(keyed, PartitionOf),
        Sql.Column(keyed, transaction => transaction.Tenant),
        Sql.Column(keyed, TextOf));

    /// <summary>What the first request with the key did, told from the log.</summary>
    public static async Task<WriteOutcome> ReplayAsync(NpgsqlConnection connection, WriteTransaction transaction, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select {EventRows.Columns}, v.embedding, k.request_hash, k.existing
            from idempotency_keys k
            cross join unnest(k.partitions, k.positions) with ordinality w (partition, position, at)
            join memory_events e on e.partition = w.partition and e.position = w.position
            left join memory_vectors v
                on v.partition = e.partition and v.id = e.memory_id and v.vector_version = e.vector_version and v.model = $4
            where k.partition = $1 and k.tenant = $2 and k.key = $3
            order by w.at
            """,
            connection);
        command.Parameters.Add(new() { Value = PartitionOf(transaction) });
        command.Parameters.Add(new() { Value = transaction.Tenant });
        command.Parameters.Add(new() { Value = TextOf(transaction) });
        command.Parameters.Add(new() { Value = transaction.Model });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var events = new List<MemoryEvent>();
        int[]? existing = null;
        while (await reader.ReadAsync(cancellationToken))
        {
            if (!reader.GetFieldValue<byte[]>(EventRows.Count + 1).AsSpan().SequenceEqual(transaction.Key!.RequestHash.Span)) return new WriteOutcome.KeyReused();
            existing = reader.IsDBNull(EventRows.Count + 2) ? null : reader.GetFieldValue<int[]>(EventRows.Count + 2);
            events.Add(EventRows.Read(reader));
        }

        if (existing is not null) return WithFound(events, existing);

        // A key without events is that of a request of another kind.
        return events.Count > 0 ? new WriteOutcome.Committed(events, Replayed: true) : new WriteOutcome.KeyReused();
    }

    /// <summary>Tells the events a write made from those that it found.</summary>
    private static WriteOutcome.Committed WithFound(List<MemoryEvent> told, int[] existing)
    {
        var (made, found) = (new List<MemoryEvent>(), new List<FoundMemory>());
        for (var (operation, next) = (0, 0); next < told.Count || Array.IndexOf(existing, -1 - operation) >= 0; operation++)
        {
            if (Array.IndexOf(existing, -1 - operation) >= 0) found.Add(new FoundMemory(operation, null));
            else if (Array.IndexOf(existing, operation) >= 0) found.Add(new FoundMemory(operation, told[next++]));
            else made.Add(told[next++]);
        }

        return new WriteOutcome.Committed(made, Replayed: true) { Found = found };
    }

    private static short PartitionOf(WriteTransaction transaction) => (byte)Hash(transaction);

    private static long LockOf(WriteTransaction transaction) => (long)Hash(transaction);

    private static ulong Hash(WriteTransaction transaction) => Partition.Hash(transaction.Tenant, TextOf(transaction));

    private static string TextOf(WriteTransaction transaction) => transaction.Key!.Text;

    private static string ArrayLiteral(IEnumerable<long> numbers) => $"{{{string.Join(',', numbers)}}}";
}
