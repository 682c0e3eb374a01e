using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Postgres.Log;
using MemoryAspire.Postgres.Memories;
using MemoryAspire.ServiceDefaults.Resilience;
using Npgsql;

namespace MemoryAspire.Postgres.Writes;

/// <summary>
/// Runs one transaction: takes its idempotency key, locks heads in ascending order and then rows, plans, writes rows, vectors, events and
/// heads with set-based statements, and commits. COMMIT is the decision for every tier.
/// </summary>
public sealed class MemoryWriter(NpgsqlDataSource dataSource, TransactionStatus status, LogHints hints)
{
    /// <exception cref="NpgsqlException">Nothing was stored.</exception>
    /// <exception cref="UnknownOutcomeException">Whether it was stored cannot be known now.</exception>
    public async Task<WriteOutcome> WriteAsync(WriteTransaction transaction, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var database = await connection.BeginTransactionAsync(cancellationToken);
        if (transaction.Key is { } key && await IdempotencyKeys.TakeAsync(connection, database, transaction, key, cancellationToken) is { } settled)
        {
            return settled;
        }

        var (xid, heads, rows) = await LockAsync(connection, database, transaction, cancellationToken);
        var outcome = WritePlan.Of(transaction, heads, rows);
        if (outcome is not WriteOutcome.Committed committed) return outcome;
        await using (var batch = WriteStatements.For(connection, database, transaction, committed.Events))
        {
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }

        await CommitAsync(database, xid);
        hints.Send();
        return outcome;
    }

    private async Task CommitAsync(NpgsqlTransaction database, string xid)
    {
        try
        {
            // From here on the caller's cancellation no longer means "do not store".
            await database.CommitAsync(CancellationToken.None);
        }
        catch (NpgsqlException exception) when (exception is not PostgresException || StoreFailures.IsPostgresAway(exception))
        {
            // The connection is gone, or the server went down over it: COMMIT may or may not have been carried out.
            if (!await status.IsCommittedAsync(xid, exception)) throw;
        }
    }

    private static async Task<(string Xid, Dictionary<Partition, (Position Head, DateTimeOffset At)> Heads, Dictionary<MemoryId, StoredMemory> Rows)> LockAsync(
        NpgsqlConnection connection, NpgsqlTransaction database, WriteTransaction transaction, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection, database)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand("select pg_current_xact_id()::text"),
                LockHeads(transaction),
                LockRows(transaction),
            },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var xid = reader.GetString(0);
        await reader.NextResultAsync(cancellationToken);
        var heads = new Dictionary<Partition, (Position, DateTimeOffset)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            heads.Add(new Partition((byte)reader.GetInt16(0)), (new Position(reader.GetInt64(1)), reader.Time(2)));
        }

        await reader.NextResultAsync(cancellationToken);
        var rows = new Dictionary<MemoryId, StoredMemory>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var row = MemoryRows.Read(reader);
            rows.Add(row.Record.Memory.Id, row);
        }

        return (xid, heads, rows);
    }

    private static NpgsqlBatchCommand LockHeads(WriteTransaction transaction) =>
        new("select partition, head, greatest(at, clock_timestamp()) from partition_heads where partition = any($1) order by partition for update")
        {
            Parameters = { new() { Value = transaction.Operations.Select(operation => (short)operation.Id.Partition.Value).Distinct().ToArray() } },
        };

    private static NpgsqlBatchCommand LockRows(WriteTransaction transaction)
    {
        var named = transaction.Operations.Where(operation => operation is not WriteOperation.Create).Select(operation => operation.Id).ToArray();
        return new NpgsqlBatchCommand(
            $"""
            select {MemoryRows.Columns} from memories m
            where (m.partition, m.id) in (select * from unnest($1, $2)) and m.tenant = $3
                and (m.expires_at is null or m.expires_at > clock_timestamp())
            order by m.partition, m.id for update
            """)
        {
            Parameters =
            {
                new() { Value = named.Select(id => (short)id.Partition.Value).ToArray() },
                new() { Value = named.Select(id => id.Value).ToArray() },
                new() { Value = transaction.Tenant },
            },
        };
    }
}
