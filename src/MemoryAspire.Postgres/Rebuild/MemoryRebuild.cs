using System.Data;
using System.Runtime.CompilerServices;
using MemoryAspire.Contracts.Identity;
using Npgsql;

namespace MemoryAspire.Postgres.Rebuild;

/// <summary>
/// Makes the rows of <c>memories</c> what the event log says, partition by partition, each in one transaction under its
/// head's lock: its writers wait meanwhile, those of other partitions go on. Vectors and events stay untouched. A memory
/// that has expired but has no event yet that says so keeps its row.
/// </summary>
public sealed class MemoryRebuild(NpgsqlDataSource dataSource)
{
    /// <summary>All partitions; what has been given is committed.</summary>
    /// <exception cref="NpgsqlException">The partition under way is as it was, unless only the reply to its COMMIT was lost.</exception>
    public async IAsyncEnumerable<PartitionRebuild> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var partition in Partition.All) yield return await RunAsync(partition, cancellationToken);
    }

    /// <summary>One partition.</summary>
    /// <exception cref="NpgsqlException">As above.</exception>
    public Task<PartitionRebuild> RunAsync(Partition partition, CancellationToken cancellationToken) =>
        RunAsync(partition, (_, _) => Task.CompletedTask, cancellationToken);

    /// <summary>One partition, if <paramref name="ensure"/> does not throw: it is called in the transaction, before anything is changed.</summary>
    /// <exception cref="NpgsqlException">As above.</exception>
    public async Task<PartitionRebuild> RunAsync(
        Partition partition, Func<NpgsqlTransaction, CancellationToken, Task> ensure, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);

        // Each statement must see what was committed before the lock was had, not before the transaction began.
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken);
        await ensure(transaction, cancellationToken);
        var (head, events, last, rows) = await LockAndMeasureAsync(connection, transaction, partition, cancellationToken);
        if (events != head || last != head) return new PartitionRebuild(partition, events, 0) { LogIsWhole = false };
        var repairs = await RepairAsync(connection, transaction, partition, cancellationToken);

        // What is committed must be told, or nobody drops what other tiers took from the wrong rows.
        await transaction.CommitAsync(CancellationToken.None);
        return new PartitionRebuild(partition, events, rows + repairs["added"].Count())
        {
            Removed = [.. repairs["removed"]],
            Added = [.. repairs["added"]],
            Replaced = [.. repairs["replaced"]],
        };
    }

    /// <summary>What a rebuild of one partition would find, from one snapshot: nothing is locked, and nothing repaired.</summary>
    /// <exception cref="NpgsqlException">PostgreSQL cannot be reached.</exception>
    public async Task<PartitionRebuild> CompareAsync(Partition partition, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var batch = RebuildStatements.CompareRows(connection, partition);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var (head, events, last, rows) = (0L, 0L, 0L, 0L);
        var found = new List<(string What, MemoryId Id)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            (head, events, last, rows) = (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3));
            if (!reader.IsDBNull(4)) found.Add((reader.GetString(4), new MemoryId(reader.GetGuid(5))));
        }

        var differences = found.ToLookup(difference => difference.What, difference => difference.Id);
        return new PartitionRebuild(partition, events, rows + differences["added"].Count())
        {
            LogIsWhole = events == head && last == head,
            Removed = [.. differences["removed"]],
            Added = [.. differences["added"]],
            Replaced = [.. differences["replaced"]],
        };
    }

    private static async Task<(long Head, long Events, long Last, long Rows)> LockAndMeasureAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, Partition partition, CancellationToken cancellationToken)
    {
        await using var batch = RebuildStatements.LockAndMeasure(connection, transaction, partition);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken)) throw new InvalidOperationException($"Partition {partition} has no head.");
        var head = reader.GetInt64(0);
        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (head, reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
    }

    private static async Task<ILookup<string, MemoryId>> RepairAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, Partition partition, CancellationToken cancellationToken)
    {
        await using var batch = RebuildStatements.RepairRows(connection, transaction, partition);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var repairs = new List<(string What, MemoryId Id)>();
        while (await reader.ReadAsync(cancellationToken)) repairs.Add((reader.GetString(0), new MemoryId(reader.GetGuid(1))));
        return repairs.ToLookup(repair => repair.What, repair => repair.Id);
    }
}
