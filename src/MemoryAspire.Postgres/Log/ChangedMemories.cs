using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using Npgsql;

namespace MemoryAspire.Postgres.Log;

/// <summary>An event as far as it concerns whoever only wants to know which memory changed.</summary>
public readonly record struct ChangedMemory(MemoryId Id, Position Position);

/// <summary>Which memories the log says have changed: for copies that are thrown away then, and read again when they are wanted.</summary>
public sealed class ChangedMemories(NpgsqlDataSource dataSource)
{
    /// <summary>All events in some ranges, which must not go beyond heads that were read before.</summary>
    public async Task<IReadOnlyList<ChangedMemory>> ReadAsync(IReadOnlyCollection<LogRange> ranges, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            """
            select e.memory_id, e.position
            from unnest($1, $2, $3) a (partition, after, up_to)
            join memory_events e on e.partition = a.partition and e.position > a.after and e.position <= a.up_to
            """);
        command.Parameters.Add(new() { Value = ranges.Select(range => (short)range.Partition.Value).ToArray() });
        command.Parameters.Add(new() { Value = ranges.Select(range => range.After.Value).ToArray() });
        command.Parameters.Add(new() { Value = ranges.Select(range => range.UpTo.Value).ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var changed = new List<ChangedMemory>();
        while (await reader.ReadAsync(cancellationToken)) changed.Add(new(new MemoryId(reader.GetGuid(0)), new Position(reader.GetInt64(1))));
        return changed;
    }
}
