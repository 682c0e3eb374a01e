using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using Npgsql;
using NpgsqlTypes;

namespace MemoryAspire.Postgres.Erasure;

/// <summary>
/// The memories that an erasure is about, whether or not they are still there: what the log knows of them, and how it forgets it.
/// </summary>
public sealed class ErasableMemories(NpgsqlDataSource dataSource)
{
    /// <summary>Rows of <c>memory_events e</c> in one partition. The scope never changes, so any event of a memory tells it.</summary>
    private const string Targeted =
        """
        e.partition = $1 and e.tenant = $2 and e.memory_id > $3 and ($4::uuid is null or e.memory_id = $4)
        and ($5::text is null or e."user" = $5) and ($6::text is null or e.agent = $6) and ($7::text is null or e.session = $7)
        """;

    /// <summary>Memories of a partition that were there when the erasure was demanded and of which the log still has something, in order.</summary>
    public Task<IReadOnlyList<MemoryId>> FindAsync(ErasureRecord erasure, Partition partition, MemoryId after, int limit, CancellationToken cancellationToken) =>
        FindAsync(erasure, partition, after, limit, "e.redacted is distinct from 'erased'", cancellationToken);

    /// <summary>Memories of a partition that were erased, by this erasure or another, in order.</summary>
    public Task<IReadOnlyList<MemoryId>> FindErasedAsync(ErasureRecord erasure, Partition partition, MemoryId after, int limit, CancellationToken cancellationToken) =>
        FindAsync(erasure, partition, after, limit, "e.redacted = 'erased'", cancellationToken);

    /// <summary>Every text that some memories of a partition ever had, each once.</summary>
    public async Task<IReadOnlyList<string>> ReadContentsAsync(Partition partition, IReadOnlyList<MemoryId> ids, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            "select distinct content from memory_events where partition = $1 and memory_id = any($2) and content is not null");
        command.Parameters.Add(new() { Value = (short)partition.Value });
        command.Parameters.Add(new() { Value = ids.Select(id => id.Value).ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var contents = new List<string>();
        while (await reader.ReadAsync(cancellationToken)) contents.Add(reader.GetString(0));
        return contents;
    }

    /// <summary>
    /// Takes the states out of the events of memories that are gone, and removes their vectors; the erasure's record is brought up to
    /// date in the same transaction. A memory that still has its row is left alone.
    /// </summary>
    /// <returns>How many memories were redacted.</returns>
    public async Task<long> RedactAsync(ErasureRecord erasure, Partition partition, IReadOnlyList<MemoryId> ids, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            """
            with gone as (
                select t.id from unnest($2) t (id)
                where not exists (select from memories m where m.partition = $1 and m.id = t.id)
            ), redacted as (
                update memory_events e set content = null, metadata = null, importance = null, digest = null, vector_version = null,
                    created_at = null, updated_at = null, expires_at = null, redacted = 'erased'
                from gone where e.partition = $1 and e.memory_id = gone.id and e.redacted is distinct from 'erased'
                returning e.memory_id, e.type in ('deleted', 'expired') and e.at >= $4 as deletes
            ), removed as (
                delete from memory_vectors v using gone where v.partition = $1 and v.id = gone.id
                returning 1
            ), forgotten as (
                delete from dedupe_keys k using gone where k.memory_partition = $1 and k.memory_id = gone.id
            ), settled as (
                delete from pending_embeddings p using gone where p.partition = $1 and p.id = gone.id
            ), counted as (
                select count(distinct memory_id) as memories, count(*) as events, count(*) filter (where deletes) as deleted,
                       (select count(*) from removed) as vectors
                from redacted
            ), noted as (
                update erasures s set memories = s.memories + c.memories, events = s.events + c.events,
                    deleted = s.deleted + c.deleted, vectors = s.vectors + c.vectors
                from counted c where s.partition = 0 and s.id = $3
            )
            select memories from counted
            """);
        command.Parameters.Add(new() { Value = (short)partition.Value });
        command.Parameters.Add(new() { Value = ids.Select(id => id.Value).ToArray() });
        command.Parameters.Add(new() { Value = erasure.Id });
        command.Parameters.Add(new() { Value = erasure.RequestedAt });
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task<IReadOnlyList<MemoryId>> FindAsync(
        ErasureRecord erasure, Partition partition, MemoryId after, int limit, string state, CancellationToken cancellationToken)
    {
        // A state that was compacted away has no kind of its own any more that could differ: each event carries the kind of its time,
        // and what the memory was last decides.
        await using var command = dataSource.CreateCommand(
            $"""
            select e.memory_id from memory_events e where {Targeted}
            group by e.memory_id
            having min(e.at) <= $8 and bool_or({state}) and ($9::text is null or (array_agg(e.kind order by e.version desc))[1] = $9)
            order by e.memory_id limit $10
            """);
        var target = erasure.Target;
        command.Parameters.Add(new() { Value = (short)partition.Value });
        command.Parameters.Add(new() { Value = erasure.Tenant });
        command.Parameters.Add(new() { Value = after.Value });
        command.Parameters.Add(new() { Value = (object?)target.Memory?.Value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
        foreach (var part in new[] { target.Scope.User, target.Scope.Agent, target.Scope.Session })
        {
            command.Parameters.Add(new() { Value = (object?)part ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        }

        command.Parameters.Add(new() { Value = erasure.RequestedAt });
        command.Parameters.Add(new() { Value = (object?)target.Kind?.ToText() ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = (long)limit });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var ids = new List<MemoryId>();
        while (await reader.ReadAsync(cancellationToken)) ids.Add(new MemoryId(reader.GetGuid(0)));
        return ids;
    }
}
