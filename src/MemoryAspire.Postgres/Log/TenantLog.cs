using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Postgres.Memories;
using Npgsql;
using NpgsqlTypes;

namespace MemoryAspire.Postgres.Log;

/// <summary>The positions of a partition after one and up to another.</summary>
public readonly record struct LogRange(Partition Partition, Position After, Position UpTo);

/// <summary>
/// The event log as one tenant sees it. The log is in the order of partition and position, whosever the events are:
/// a read goes once through the ranges it is given, and how long they are is what it costs at most.
/// </summary>
public sealed class TenantLog(NpgsqlDataSource dataSource)
{
    /// <summary>
    /// The selected events in some ranges, without vectors: in order of partition and position, at most
    /// <paramref name="limit"/>. Ranges must not go beyond heads that were read before.
    /// </summary>
    public async Task<IReadOnlyList<MemoryEvent>> ReadAsync(
        MemorySelection selection, IReadOnlyCollection<LogRange> ranges, int limit, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            $"""
            select {EventRows.Columns}, null::bytea
            from unnest($1, $2, $3) a (partition, after, up_to)
            cross join lateral (
                select * from memory_events e
                where e.partition = a.partition and e.position > a.after and e.position <= a.up_to
                    and e.tenant = $4 and ($5::text is null or e."user" = $5) and ($6::text is null or e.agent = $6)
                    and ($7::text is null or e.session = $7) and ($8::text is null or e.kind = $8)
                order by e.position limit $9) e
            order by e.partition, e.position
            limit $9
            """);
        command.Parameters.Add(new() { Value = ranges.Select(range => (short)range.Partition.Value).ToArray() });
        command.Parameters.Add(new() { Value = ranges.Select(range => range.After.Value).ToArray() });
        command.Parameters.Add(new() { Value = ranges.Select(range => range.UpTo.Value).ToArray() });
        command.Parameters.Add(new() { Value = selection.Tenant });
        foreach (var part in new[] { selection.Scope.User, selection.Scope.Agent, selection.Scope.Session, selection.Kind?.ToText() })
        {
            command.Parameters.Add(new() { Value = (object?)part ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        }

        command.Parameters.Add(new() { Value = (long)limit });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var events = new List<MemoryEvent>();
        while (await reader.ReadAsync(cancellationToken)) events.Add(EventRows.Read(reader));
        return events;
    }
}
