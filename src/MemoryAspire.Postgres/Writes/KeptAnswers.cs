using System.Text.Json;
using MemoryAspire.Contracts.Identity;
using Npgsql;
using NpgsqlTypes;

namespace MemoryAspire.Postgres.Writes;

/// <summary>What the key of a request that was made before says.</summary>
public abstract record KeptAnswer
{
    private KeptAnswer()
    {
    }

    /// <summary>The same request was made before, and this was its answer.</summary>
    /// <param name="Done">False when this is the answer so far, and the work is to be gone on with from there.</param>
    public sealed record Kept(JsonElement Answer, bool Done) : KeptAnswer;

    /// <summary>The key names another request.</summary>
    public sealed record Reused : KeptAnswer;

    /// <summary>A transaction of the first request with the key is still under way after 2 s. The caller's own is to be rolled back.</summary>
    public sealed record InFlight : KeptAnswer;
}

/// <summary>
/// Idempotency keys of requests whose answers are not events. Both methods run inside the caller's transaction: the answer
/// is kept exactly if the work is. A key is held from taking it until the transaction ends, so requests with the same key
/// follow each other. Work in several transactions takes the key in each of them, goes on from the answer so far, and keeps
/// the next one.
/// </summary>
public static class KeptAnswers
{
    /// <summary>Takes the key, before any other lock; null when this is its first request.</summary>
    public static async Task<KeptAnswer?> TakeAsync(NpgsqlTransaction transaction, string tenant, IdempotencyKey key, CancellationToken cancellationToken)
    {
        try
        {
            await using var batch = new NpgsqlBatch(transaction.Connection, transaction)
            {
                BatchCommands =
                {
                    new NpgsqlBatchCommand("set local lock_timeout = '2s'"),
                    Take(tenant, key),
                    new NpgsqlBatchCommand("set local lock_timeout to default"),
                    Read(tenant, key),
                },
            };
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            if (await reader.ReadAsync(cancellationToken)) return null;
            await reader.NextResultAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            return Of(reader, key);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            return new KeptAnswer.InFlight();
        }
    }

    /// <summary>Keeps the answer under a key that the transaction has taken, instead of the one before.</summary>
    /// <param name="done">False: the answer so far.</param>
    public static async Task KeepAsync(
        NpgsqlTransaction transaction, string tenant, IdempotencyKey key, JsonElement answer, bool done, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            update idempotency_keys set answer = jsonb_build_object('done', $4, 'answer', $5)
            where partition = $1 and tenant = $2 and key = $3
            """,
            transaction.Connection,
            transaction);
        Name(command.Parameters, tenant, key);
        command.Parameters.Add(new() { Value = done });
        command.Parameters.Add(new() { Value = answer.GetRawText(), NpgsqlDbType = NpgsqlDbType.Jsonb });
        if (await command.ExecuteNonQueryAsync(cancellationToken) != 1) throw new InvalidOperationException("An answer was kept under a key that was not taken.");
    }

    private static KeptAnswer Of(NpgsqlDataReader row, IdempotencyKey key)
    {
        if (!row.GetFieldValue<byte[]>(0).AsSpan().SequenceEqual(key.RequestHash.Span)) return new KeptAnswer.Reused();
        return row.IsDBNull(1)
            ? throw new InvalidOperationException("An idempotency key has no answer.")
            : new KeptAnswer.Kept(JsonElement.Parse(row.GetString(1)), row.GetBoolean(2));
    }

    private static NpgsqlBatchCommand Take(string tenant, IdempotencyKey key)
    {
        // Locks the row also when it changes nothing. One of more than a day ago is nobody's any more.
        var command = new NpgsqlBatchCommand(
            """
            insert into idempotency_keys as k (partition, tenant, key, request_hash) values ($1, $2, $3, $4)
            on conflict (partition, tenant, key) do update
                set request_hash = excluded.request_hash, partitions = '{}', positions = '{}', answer = null, existing = null, created_at = now()
                where k.created_at < now() - interval '24 hours'
            returning 1
            """);
        Name(command.Parameters, tenant, key);
        command.Parameters.Add(new() { Value = key.RequestHash.ToArray() });
        return command;
    }

    private static NpgsqlBatchCommand Read(string tenant, IdempotencyKey key)
    {
        var command = new NpgsqlBatchCommand(
            """
            select request_hash, answer -> 'answer', (answer -> 'done')::boolean
            from idempotency_keys where partition = $1 and tenant = $2 and key = $3
            """);
        Name(command.Parameters, tenant, key);
        return command;
    }

    private static void Name(NpgsqlParameterCollection parameters, string tenant, IdempotencyKey key)
    {
        parameters.Add(new() { Value = (short)(byte)Partition.Hash(tenant, key.Text) });
        parameters.Add(new() { Value = tenant });
        parameters.Add(new() { Value = key.Text });
    }
}
