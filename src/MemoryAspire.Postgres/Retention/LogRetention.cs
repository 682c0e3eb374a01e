using MemoryAspire.Contracts.Identity;
using Npgsql;

namespace MemoryAspire.Postgres.Retention;

/// <summary>
/// Takes out of the log, in small steps, the states that it need not have any more. An event that is old enough takes the states
/// before it; how far a partition's log has been gone through is kept, so that no step looks at it twice. Repeats are harmless.
/// </summary>
public sealed class LogRetention(NpgsqlDataSource dataSource)
{
    /// <summary>
    /// The next events of a partition that removed a memory or made a newer state of it longer ago than <paramref name="age"/>:
    /// the memory's earlier states go, and the vectors that only they had.
    /// </summary>
    /// <param name="ensure">Called in the transaction: throws when the caller may no longer write.</param>
    public async Task<RetentionStep> StepAsync(
        RetentionRule rule, Partition partition, TimeSpan age, int limit, Func<NpgsqlTransaction, CancellationToken, Task> ensure, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ensure(transaction, cancellationToken);
        await using var command = new NpgsqlCommand(
            $"""
            with progress as (
                select coalesce(max(position), 0) as position from retention_progress where partition = $1 and rule = $2
            ), looked as (
                select e.position, e.memory_id, e.version, e.type from memory_events e, progress p
                where e.partition = $1 and e.position > p.position and e.at < clock_timestamp() - $3
                order by e.position limit $4
            ), reason as (
                select memory_id, max(version) as version from looked where {Reasons(rule)} group by memory_id
            ), compacted as (
                update memory_events e set content = null, metadata = null, importance = null, digest = null, vector_version = null,
                    created_at = null, updated_at = null, expires_at = null, redacted = 'compacted'
                from reason r
                where e.partition = $1 and e.memory_id = r.memory_id and e.version < r.version
                    and e.type in ('created', 'updated') and e.redacted is null
                returning 1
            ), unused as (
                delete from memory_vectors v using reason r
                where v.partition = $1 and v.id = r.memory_id and v.vector_version < r.version and not exists (
                    select from memory_events e
                    where e.partition = $1 and e.memory_id = v.id and e.version >= r.version and e.vector_version = v.vector_version)
                returning 1
            ), noted as (
                insert into retention_progress (partition, rule, position) select $1, $2, max(position) from looked having max(position) is not null
                on conflict (partition, rule) do update set position = greatest(retention_progress.position, excluded.position)
            )
            select (select count(*) from looked)::integer, (select count(*) from compacted), (select count(*) from unused)
            """,
            connection,
            transaction);
        command.Parameters.Add(new() { Value = (short)partition.Value });
        command.Parameters.Add(new() { Value = NameOf(rule) });
        command.Parameters.Add(new() { Value = age });
        command.Parameters.Add(new() { Value = (long)limit });
        RetentionStep step;
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            await reader.ReadAsync(cancellationToken);
            step = new RetentionStep(reader.GetInt32(0), reader.GetInt64(1), reader.GetInt64(2));
        }

        await transaction.CommitAsync(cancellationToken);
        return step;
    }

    /// <summary>Removes idempotency keys older than that, at most so many; how many there were.</summary>
    public async Task<int> RemoveKeysAsync(
        TimeSpan age, int limit, Func<NpgsqlTransaction, CancellationToken, Task> ensure, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ensure(transaction, cancellationToken);

        // A key that a request is just taking over is left to it.
        await using var command = new NpgsqlCommand(
            """
            delete from idempotency_keys k using (
                select partition, tenant, key from idempotency_keys
                where created_at < now() - $1 order by created_at limit $2 for update skip locked) old
            where k.partition = old.partition and k.tenant = old.tenant and k.key = old.key
            """,
            connection,
            transaction);
        command.Parameters.Add(new() { Value = age });
        command.Parameters.Add(new() { Value = (long)limit });
        var removed = await command.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return removed;
    }

    private static string NameOf(RetentionRule rule) => rule switch
    {
        RetentionRule.Deleted => "deleted",
        RetentionRule.Superseded => "superseded",
        _ => throw new ArgumentOutOfRangeException(nameof(rule)),
    };

    private static string Reasons(RetentionRule rule) => rule == RetentionRule.Deleted ? "type in ('deleted', 'expired')" : "true";
}
