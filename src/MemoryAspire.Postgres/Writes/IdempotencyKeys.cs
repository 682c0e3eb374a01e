using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Postgres.Log;
using Npgsql;

namespace MemoryAspire.Postgres.Writes;

/// <summary>
/// Idempotency keys, taken first of all locks in a write's transaction. A second request with the key waits here
/// for the first one's outcome.
/// </summary>
internal static class IdempotencyKeys
{
    private const string InFlight = PostgresErrorCodes.LockNotAvailable;

    /// <summary>Takes the key; null when this is its first request, otherwise the outcome for a repetition.</summary>
    public static async Task<WriteOutcome?> TakeAsync(
        NpgsqlConnection connection, NpgsqlTransaction database, WriteTransaction transaction, IdempotencyKey key, CancellationToken cancellationToken)
    {
        try
        {
            await using var batch = new NpgsqlBatch(connection, database)
            {
                BatchCommands =
                {
                    new NpgsqlBatchCommand("set local lock_timeout = '2s'"),
                    Take(transaction, key),
                    new NpgsqlBatchCommand("set local lock_timeout = 0"),
                },
            };
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            if (await reader.ReadAsync(cancellationToken)) return null;
        }
        catch (PostgresException exception) when (exception.SqlState == InFlight)
        {
            return new WriteOutcome.KeyInFlight();
        }

        return await ReplayAsync(connection, database, transaction, key, cancellationToken);
    }

    /// <summary>Notes where the events of the key's write are.</summary>
    public static NpgsqlBatchCommand Fulfil(WriteTransaction transaction, IdempotencyKey key, IReadOnlyList<MemoryEvent> events)
    {
        var command = new NpgsqlBatchCommand(
            "update idempotency_keys set partitions = $4, positions = $5 where partition = $1 and tenant = $2 and key = $3");
        Name(command.Parameters, transaction, key);
        command.Parameters.Add(new() { Value = events.Select(@event => (short)@event.Partition.Value).ToArray() });
        command.Parameters.Add(new() { Value = events.Select(@event => @event.Position.Value).ToArray() });
        return command;
    }

    private static NpgsqlBatchCommand Take(WriteTransaction transaction, IdempotencyKey key)
    {
        // Waits while another transaction holds the key. One of more than a day ago is nobody's any more.
        var command = new NpgsqlBatchCommand(
            """
            insert into idempotency_keys as k (partition, tenant, key, request_hash) values ($1, $2, $3, $4)
            on conflict (partition, tenant, key) do update
                set request_hash = excluded.request_hash, partitions = '{}', positions = '{}', created_at = now()
                where k.created_at < now() - interval '24 hours'
            returning 1
            """);
        Name(command.Parameters, transaction, key);
        command.Parameters.Add(new() { Value = key.RequestHash.ToArray() });
        return command;
    }

    private static async Task<WriteOutcome> ReplayAsync(
        NpgsqlConnection connection, NpgsqlTransaction database, WriteTransaction transaction, IdempotencyKey key, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select {EventRows.Columns}, v.embedding, k.request_hash
            from idempotency_keys k
            cross join unnest(k.partitions, k.positions) with ordinality w (partition, position, at)
            join memory_events e on e.partition = w.partition and e.position = w.position
            left join memory_vectors v
                on v.partition = e.partition and v.id = e.memory_id and v.vector_version = e.vector_version and v.model = $4
            where k.partition = $1 and k.tenant = $2 and k.key = $3
            order by w.at
            """,
            connection,
            database);
        Name(command.Parameters, transaction, key);
        command.Parameters.Add(new() { Value = transaction.Model });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var events = new List<MemoryEvent>();
        while (await reader.ReadAsync(cancellationToken))
        {
            if (!reader.GetFieldValue<byte[]>(EventRows.Count + 1).AsSpan().SequenceEqual(key.RequestHash.Span)) return new WriteOutcome.KeyReused();
            events.Add(EventRows.Read(reader));
        }

        return events.Count > 0
            ? new WriteOutcome.Committed(events, Replayed: true)
            : throw new InvalidOperationException("An idempotency key names no events.");
    }

    private static void Name(NpgsqlParameterCollection parameters, WriteTransaction transaction, IdempotencyKey key)
    {
        parameters.Add(new() { Value = (short)(byte)Partition.Hash(transaction.Tenant, key.Text) });
        parameters.Add(new() { Value = transaction.Tenant });
        parameters.Add(new() { Value = key.Text });
    }
}
