using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Postgres.Memories;
using Npgsql;

namespace MemoryAspire.Postgres.Log;

/// <summary>The positions of a partition after one and up to another.</summary>
public readonly record struct LogRange(Partition Partition, Position After, Position UpTo);

/// <summary>
/// The event log as one tenant sees it. The log is in the order of partition and position, whosever the events are:
/// a read goes once through the ranges it is given, and how long they are is what it costs at most.
/// </summary>
public sealed class TenantLog(NpgsqlDataSource dataSource)
{
    /// <summary>What a filter judges: the state that an event made, or that it took away.</summary>
    private const string StateOf =
        """
        join memory_events s on s.partition = e.partition and s.memory_id = e.memory_id
            and s.version = e.version - case when e.type in ('deleted', 'expired') then 1 else 0 end
        """;

    /// <summary>
    /// The selected events in some ranges, without vectors: in order of partition and position, at most
    /// <paramref name="limit"/>. Ranges must not go beyond heads that were read before.
    /// </summary>
    public async Task<IReadOnlyList<MemoryEvent>> ReadAsync(
        MemorySelection selection, IReadOnlyCollection<LogRange> ranges, int limit, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand();
        var parameters = new SqlParameters(command.Parameters);
        var partitions = parameters.Partitions([.. ranges.Select(range => (short)range.Partition.Value)]);
        var after = parameters.Numbers([.. ranges.Select(range => range.After.Value)]);
        var upTo = parameters.Numbers([.. ranges.Select(range => range.UpTo.Value)]);
        var selected = SelectionSql.Write(selection, "e", "s", parameters);
        var most = parameters.Number(limit);
        command.CommandText =
            $"""
            select {EventRows.Columns}, null::bytea
            from unnest({partitions}, {after}, {upTo}) a (partition, after, up_to)
            cross join lateral (
                select e.* from memory_events e {(selection.Filter is null ? "" : StateOf)}
                where e.partition = a.partition and e.position > a.after and e.position <= a.up_to and {selected}
                order by e.position limit {most}) e
            order by e.partition, e.position
            limit {most}
            """;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var events = new List<MemoryEvent>();
        while (await reader.ReadAsync(cancellationToken)) events.Add(EventRows.Read(reader));
        return events;
    }
}
