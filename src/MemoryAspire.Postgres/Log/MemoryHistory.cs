using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Contracts.Positions;
using Npgsql;
using NpgsqlTypes;

namespace MemoryAspire.Postgres.Log;

/// <summary>Some events of one memory, oldest first, and the head of its partition, in one snapshot.</summary>
public sealed record MemoryEvents(IReadOnlyList<MemoryEvent> Events, Position Head);

/// <summary>Whether a tenant ever had a memory, and the version its row has now, in one snapshot with the head.</summary>
/// <param name="Version">Null without a row. A row whose time is over counts until its event is written.</param>
public sealed record MemoryPresence(bool Known, long? Version, Position Head);

/// <summary>Reads what one memory was, from the event log: also when it is gone.</summary>
public sealed class MemoryHistory(NpgsqlDataSource dataSource)
{
    /// <summary>The events after a version, at most so many; none when the tenant never had the memory.</summary>
    public Task<MemoryEvents> ReadAsync(string tenant, MemoryId id, long afterVersion, int limit, CancellationToken cancellationToken) =>
        SelectAsync(
            tenant, id, null, "and e.version > $5 order by e.version limit $6",
            [new() { Value = afterVersion }, new() { Value = (long)limit }], cancellationToken);

    /// <summary>The event that made a version, with its vector of a model when one is named; none when there is no such version.</summary>
    public Task<MemoryEvents> ReadVersionAsync(string tenant, MemoryId id, long version, string? vectorOf, CancellationToken cancellationToken) =>
        SelectAsync(tenant, id, vectorOf, "and e.version = $5", [new() { Value = version }], cancellationToken);

    /// <summary>The last event up to a time; none when the memory was not there yet.</summary>
    public Task<MemoryEvents> ReadAsOfAsync(string tenant, MemoryId id, DateTimeOffset time, string? vectorOf, CancellationToken cancellationToken) =>
        SelectAsync(
            tenant, id, vectorOf, "and e.at <= $5 order by e.version desc limit 1",
            [new() { Value = Microseconds.Cut(time) }], cancellationToken);

    public async Task<MemoryPresence> ReadPresenceAsync(string tenant, MemoryId id, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            """
            select h.head, m.version,
                   exists (select from memory_events e where e.partition = $1 and e.memory_id = $2 and e.tenant = $3)
            from partition_heads h
            left join memories m on m.partition = h.partition and m.id = $2 and m.tenant = $3
            where h.partition = $1
            """);
        AddMemory(command, tenant, id);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken)) throw WithoutHead(id);
        return new MemoryPresence(reader.GetBoolean(2), reader.IsDBNull(1) ? null : reader.GetInt64(1), new Position(reader.GetInt64(0)));
    }

    private async Task<MemoryEvents> SelectAsync(
        string tenant, MemoryId id, string? vectorOf, string which, IReadOnlyList<NpgsqlParameter> parameters, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            $"""
            select {EventRows.Columns}, v.embedding, h.head
            from partition_heads h
            left join lateral (
                select * from memory_events e
                where e.partition = $1 and e.memory_id = $2 and e.tenant = $3 {which}) e on true
            left join memory_vectors v
                on v.partition = e.partition and v.id = e.memory_id and v.vector_version = e.vector_version and v.model = $4
            where h.partition = $1
            order by e.version
            """);
        AddMemory(command, tenant, id);
        command.Parameters.Add(new() { Value = (object?)vectorOf ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        foreach (var parameter in parameters) command.Parameters.Add(parameter);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var events = new List<MemoryEvent>();
        Position? head = null;
        while (await reader.ReadAsync(cancellationToken))
        {
            head = new Position(reader.GetInt64(EventRows.Count + 1));
            if (!reader.IsDBNull(0)) events.Add(EventRows.Read(reader));
        }

        return new MemoryEvents(events, head ?? throw WithoutHead(id));
    }

    private static void AddMemory(NpgsqlCommand command, string tenant, MemoryId id)
    {
        command.Parameters.Add(new() { Value = (short)id.Partition.Value });
        command.Parameters.Add(new() { Value = id.Value });
        command.Parameters.Add(new() { Value = tenant });
    }

    private static InvalidOperationException WithoutHead(MemoryId id) => new($"Partition {id.Partition} has no head.");
}
