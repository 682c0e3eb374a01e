using MemoryAspire.Contracts.Identity;
using Npgsql;

namespace MemoryAspire.Postgres.Rebuild;

/// <summary>The statements that make one partition's rows what its log says, in the order they run.</summary>
internal static class RebuildStatements
{
    /// <summary>Every column of <c>memories</c> that is not generated. An event has them too, by the same names but <c>memory_id</c>.</summary>
    public static IReadOnlyList<string> Columns { get; } =
    [
        "partition", "id", "tenant", "\"user\"", "agent", "session", "kind", "content", "metadata", "importance", "version", "vector_version",
        "position", "digest", "created_at", "updated_at", "expires_at", "span_partitions", "span_positions",
    ];

    /// <summary>Holds the head still: no writer of the partition goes on until the transaction ends.</summary>
    private const string Lock = "select head from partition_heads where partition = $1 for update";

    private const string Measure =
        """
        select count(*), coalesce(max(e.position), 0), (select count(*) from memories m where m.partition = $1)
        from memory_events e where e.partition = $1
        """;

    private static readonly string Sides =
        $"""
        with logged as (
            select {List("e.", "e.memory_id as id")}
            from memory_events e
            join (select memory_id, max(position) as position from memory_events where partition = $1 group by memory_id) last
                on last.position = e.position
            where e.partition = $1 and e.type in ('created', 'updated')
        ), held as (
            select {List("m.", "m.id")} from memories m where m.partition = $1
        )
        """;

    /// <summary>
    /// Every part sees the rows as they were before the statement, and no two touch the same row. <c>*&lt;&gt;</c> compares
    /// bytes: 1 and 1.0 are equal to <c>jsonb</c>, but not the same row.
    /// </summary>
    private static readonly string Repair =
        $"""
        {Sides}, removed as (
            delete from memories m where m.partition = $1 and not exists (select from logged l where l.id = m.id)
            returning m.id
        ), restored as (
            insert into memories ({List("", "id")})
            select l.* from logged l left join held h on h.id = l.id where h.id is null or l *<> h
            on conflict (partition, id) do update set ({List("", "id")}) = row({List("excluded.", "excluded.id")})
            returning id
        )
        select 'removed', id from removed
        union all
        select case when exists (select from held h where h.id = r.id) then 'replaced' else 'added' end, id from restored r
        """;

    /// <summary>The same, only looked at. The measures come with every row, from the same snapshot; a row without an id has them alone.</summary>
    private static readonly string Compare =
        $"""
        {Sides}, different as (
            select case when l.id is null then 'removed' when h.id is null then 'added' else 'replaced' end as what, coalesce(l.id, h.id) as id
            from logged l full join held h on h.id = l.id
            where l.id is null or h.id is null or l *<> h
        )
        select m.head, m.events, m.last, m.memories, d.what, d.id
        from (
            select h.head, count(e.position) as events, coalesce(max(e.position), 0) as last, (select count(*) from held) as memories
            from partition_heads h left join memory_events e on e.partition = h.partition
            where h.partition = $1 group by h.head) m
        left join different d on true
        """;

    /// <summary>How long one statement may take: a partition may be large, and a writer may hold its head.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>The lock and then the measures; the second statement's snapshot is taken under the first one's lock.</summary>
    public static NpgsqlBatch LockAndMeasure(NpgsqlConnection connection, NpgsqlTransaction transaction, Partition partition) =>
        Batch(connection, transaction, partition, Lock, Measure);

    public static NpgsqlBatch RepairRows(NpgsqlConnection connection, NpgsqlTransaction transaction, Partition partition) =>
        Batch(connection, transaction, partition, Repair);

    public static NpgsqlBatch CompareRows(NpgsqlConnection connection, Partition partition) => Batch(connection, null, partition, Compare);

    private static NpgsqlBatch Batch(NpgsqlConnection connection, NpgsqlTransaction? transaction, Partition partition, params ReadOnlySpan<string> statements)
    {
        var batch = new NpgsqlBatch(connection, transaction) { Timeout = (int)Patience.TotalSeconds };
        foreach (var sql in statements)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(sql) { Parameters = { new() { Value = (short)partition.Value } } });
        }

        return batch;
    }

    private static string List(string prefix, string id) => string.Join(", ", Columns.Select(column => column == "id" ? id : prefix + column));
}
