using System.IO.Hashing;
using System.Runtime.InteropServices;
using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using Npgsql;
using NpgsqlTypes;

namespace MemoryAspire.Postgres.Log;

/// <summary>The event log, read.</summary>
public sealed class EventLog(NpgsqlDataSource dataSource)
{
    private const string Vectors =
        """
        left join memory_vectors v
            on v.partition = e.partition and v.id = e.memory_id and v.vector_version = e.vector_version and v.model = $3
        """;

    /// <summary>The heads of all partitions and the database's incarnation, in one snapshot.</summary>
    public async Task<LogHeads> ReadHeadsAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            """
            select partition, head,
                   (select system_identifier from pg_control_system()),
                   (select timeline_id from pg_control_checkpoint()),
                   (select id from database_identity)
            from partition_heads
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var heads = new long[Partition.Count];
        var incarnation = default(Incarnation);
        while (await reader.ReadAsync(cancellationToken))
        {
            heads[reader.GetInt16(0)] = reader.GetInt64(1);
            incarnation = Identify(reader.GetInt64(2), reader.GetInt32(3), reader.GetGuid(4));
        }

        return new LogHeads(incarnation, heads);
    }

    /// <summary>
    /// The next events of some partitions, each after a position of its own, with their vectors of the model
    /// named: in order of partition and position, without gaps, and never a part of a transaction in a partition. At
    /// most <paramref name="limit"/> in all, but for the rest of the last transaction.
    /// </summary>
    public async Task<IReadOnlyList<MemoryEvent>> ReadAsync(
        IReadOnlyCollection<KeyValuePair<Partition, Position>> after, string? vectorsOf, int limit, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            $"""
            select {EventRows.Columns}, v.embedding
            from unnest($1, $2) a (partition, position)
            cross join lateral (
                select * from memory_events e
                where e.partition = a.partition and e.position > a.position
                order by e.position limit $4) e
            {Vectors}
            order by e.partition, e.position
            limit $4
            """);
        command.Parameters.Add(new() { Value = after.Select(pair => (short)pair.Key.Value).ToArray() });
        command.Parameters.Add(new() { Value = after.Select(pair => pair.Value.Value).ToArray() });
        command.Parameters.Add(new() { Value = (object?)vectorsOf ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = (long)limit });
        var events = await ReadAsync(command, cancellationToken);

        // Only the last partition can have been cut: those before it are there as far as they were asked for.
        if (events.Count == limit) events.AddRange(await ReadRestAsync(events[^1], vectorsOf, cancellationToken));
        return events;
    }

    /// <summary>
    /// The events of an event's transaction that follow it in its partition. A transaction holds its partitions' locks, so
    /// its events have positions one after the other there.
    /// </summary>
    private async Task<List<MemoryEvent>> ReadRestAsync(MemoryEvent last, string? vectorsOf, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            $"""
            select {EventRows.Columns}, v.embedding
            from memory_events e
            {Vectors}
            where e.partition = $1 and e.position > $2 and e.position < coalesce((
                select n.position from memory_events n
                where n.partition = $1 and n.position > $2 and n.transaction_id <> $4
                order by n.position limit 1), 9223372036854775807)
            order by e.position
            """);
        command.Parameters.Add(new() { Value = (short)last.Partition.Value });
        command.Parameters.Add(new() { Value = last.Position.Value });
        command.Parameters.Add(new() { Value = (object?)vectorsOf ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = last.TransactionId });
        return await ReadAsync(command, cancellationToken);
    }

    private static async Task<List<MemoryEvent>> ReadAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var events = new List<MemoryEvent>();
        while (await reader.ReadAsync(cancellationToken)) events.Add(EventRows.Read(reader));
        return events;
    }

    private static Incarnation Identify(long system, int timeline, Guid database)
    {
        var hash = new XxHash32();
        hash.Append(MemoryMarshal.AsBytes([system]));
        hash.Append(MemoryMarshal.AsBytes([timeline]));
        hash.Append(database.ToByteArray(bigEndian: true));
        return new Incarnation(hash.GetCurrentHashAsUInt32());
    }
}
