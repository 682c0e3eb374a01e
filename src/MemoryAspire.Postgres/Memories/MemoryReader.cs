using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using Npgsql;
using NpgsqlTypes;

namespace MemoryAspire.Postgres.Memories;

/// <summary>One memory, or its absence, as of a head of its partition, from one snapshot.</summary>
public sealed record MemorySnapshot(StoredMemory? Memory, Position Head);

/// <summary>Reads by id. What is expired is absent.</summary>
public sealed class MemoryReader(NpgsqlDataSource dataSource)
{
    /// <summary>One memory, with its vector of a model when one is named.</summary>
    public async Task<MemorySnapshot> GetAsync(
        string tenant, MemoryId id, string? vectorOf, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            $"""
            select h.head, {MemoryRows.Columns}, v.embedding
            from partition_heads h
            left join memories m on m.partition = h.partition and m.id = $2 and m.tenant = $3
                and (m.expires_at is null or m.expires_at > now())
            left join memory_vectors v on v.partition = m.partition and v.id = m.id
                and v.vector_version = m.vector_version and v.model = $4
            where h.partition = $1
            """);
        command.Parameters.Add(new() { Value = (short)id.Partition.Value });
        command.Parameters.Add(new() { Value = id.Value });
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = (object?)vectorOf ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken)) throw new InvalidOperationException($"Partition {id.Partition} has no head.");
        return new MemorySnapshot(reader.IsDBNull(1) ? null : MemoryRows.Read(reader, 1, withVector: true), new Position(reader.GetInt64(0)));
    }

    /// <summary>
    /// Some memories from one snapshot, those that exist, with vectors of a model when one is named; and the
    /// heads of all partitions that were asked.
    /// </summary>
    public async Task<(IReadOnlyDictionary<MemoryId, StoredMemory> Memories, IReadOnlyDictionary<Partition, Position> Heads)> GetManyAsync(
        string tenant, IReadOnlyCollection<MemoryId> ids, string? vectorsOf, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            $"""
            select a.partition, h.head, {MemoryRows.Columns}, v.embedding
            from unnest($1, $2) a (partition, id)
            join partition_heads h on h.partition = a.partition
            left join memories m on m.partition = a.partition and m.id = a.id and m.tenant = $3
                and (m.expires_at is null or m.expires_at > now())
            left join memory_vectors v on v.partition = m.partition and v.id = m.id
                and v.vector_version = m.vector_version and v.model = $4
            """);
        command.Parameters.Add(new() { Value = ids.Select(id => (short)id.Partition.Value).ToArray() });
        command.Parameters.Add(new() { Value = ids.Select(id => id.Value).ToArray() });
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = (object?)vectorsOf ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var memories = new Dictionary<MemoryId, StoredMemory>();
        var heads = new Dictionary<Partition, Position>();
        while (await reader.ReadAsync(cancellationToken))
        {
            heads[new Partition((byte)reader.GetInt16(0))] = new Position(reader.GetInt64(1));
            if (reader.IsDBNull(2)) continue;
            var memory = MemoryRows.Read(reader, 2, withVector: true);
            memories.Add(memory.Record.Memory.Id, memory);
        }

        return (memories, heads);
    }
}
