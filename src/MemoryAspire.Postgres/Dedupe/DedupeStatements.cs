using MemoryAspire.Contracts.Memories;
using MemoryAspire.Postgres.Log;
using MemoryAspire.Postgres.Writes;
using Npgsql;

namespace MemoryAspire.Postgres.Dedupe;

/// <summary>The statements by which creates with dedupe lock, look, and note what they made.</summary>
internal static class DedupeStatements
{
    private const string Alive = "(m.expires_at is null or m.expires_at > clock_timestamp())";

    /// <summary>Locks keys, in their order, until the transaction ends. Every statement after it sees what the holders before committed.</summary>
    public static NpgsqlBatchCommand Lock(IReadOnlyList<(string Tenant, ReadOnlyMemory<byte> Key)> keys) => Sql.Command(
        """
        insert into dedupe_keys as k (partition, tenant, key)
        select partition, tenant, key from unnest($1, $2, $3) a (partition, tenant, key) order by partition, tenant, key
        on conflict (partition, tenant, key) do update set key = excluded.key
        """,
        Sql.Column(keys, one => PartitionOf(one.Key)),
        Sql.Column(keys, one => one.Tenant),
        Sql.Column(keys, one => one.Key.ToArray()));

    /// <summary>
    /// Looks for the memories that creates would double: the one made under the key, while it still is what the key says, else any
    /// other. Rows, only for those that find something: the create's number from 1, and the event that made the memory so; no event
    /// for one that is gone and yet must not be made again.
    /// </summary>
    public static NpgsqlBatchCommand Find(IReadOnlyList<Deduped> creates, string model) => Sql.Command(
        $"""
        with asked as materialized (
            select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9) with ordinality
                a (partition, tenant, key, once, "user", agent, session, kind, content, n))
        select {EventRows.Columns}, v.embedding, a.n
        from asked a
        join dedupe_keys k on k.partition = a.partition and k.tenant = a.tenant and k.key = a.key
        left join lateral (
            (select m.partition, m.position from memories m
             where m.partition = k.memory_partition and m.id = k.memory_id and m.tenant = a.tenant and {Alive}
                 and (a.once or (
                     m."user" is not distinct from a."user" and m.agent is not distinct from a.agent and m.session is not distinct from a.session
                     and m.kind = a.kind and m.content = a.content)))
            {InScope("m.partition, m.position", "a", "and not a.once and octet_length(m.content) = octet_length(a.content) and m.content = a.content", "and md5(m.content) = md5(a.content)", "limit 1")}
            limit 1) m on true
        left join memory_events e on e.partition = m.partition and e.position = m.position
        left join memory_vectors v on v.partition = e.partition and v.id = e.memory_id and v.vector_version = e.vector_version and v.model = $10
        where m.position is not null or (a.once and k.memory_id is not null)
        """,
        Sql.Column(creates, one => PartitionOf(one.Rule.Key)),
        Sql.Column(creates, one => one.Tenant),
        Sql.Column(creates, one => one.Rule.Key.ToArray()),
        Sql.Column(creates, one => one.Rule.Mode == DedupeMode.Once),
        Sql.Column(creates, one => one.Create.Scope.User),
        Sql.Column(creates, one => one.Create.Scope.Agent),
        Sql.Column(creates, one => one.Create.Scope.Session),
        Sql.Column(creates, one => one.Create.Kind.ToText()),
        Sql.Column(creates, one => one.Create.Content),
        new NpgsqlParameter<string> { TypedValue = model });

    /// <summary>The newest vectors of scopes. Rows: the scope's number from 1, partition and position of the event that made the memory so, the vector.</summary>
    public static NpgsqlBatchCommand Vectors(IReadOnlyList<Deduped> scopes, string model, int countMax) => Sql.Command(
        $"""
        with asked as materialized (
            select * from unnest($1, $2, $3, $4, $5) with ordinality a (tenant, "user", agent, session, kind, n))
        select a.n, m.partition, m.position, v.embedding
        from asked a
        cross join lateral (
            (select m.partition, m.position, m.id, m.vector_version from memories m where false)
            {InScope("m.partition, m.position, m.id, m.vector_version", "a", "and m.vector_version is not null", "", "limit $7")}) m
        join memory_vectors v on v.partition = m.partition and v.id = m.id and v.vector_version = m.vector_version and v.model = $6
        """,
        Sql.Column(scopes, one => one.Tenant),
        Sql.Column(scopes, one => one.Create.Scope.User),
        Sql.Column(scopes, one => one.Create.Scope.Agent),
        Sql.Column(scopes, one => one.Create.Scope.Session),
        Sql.Column(scopes, one => one.Create.Kind.ToText()),
        new NpgsqlParameter<string> { TypedValue = model },
        new NpgsqlParameter<int> { TypedValue = countMax });

    /// <summary>The events at some positions.</summary>
    public static NpgsqlBatchCommand Events(IReadOnlyList<(short Partition, long Position)> at, string model) => Sql.Command(
        $"""
        select {EventRows.Columns}, v.embedding
        from memory_events e
        left join memory_vectors v on v.partition = e.partition and v.id = e.memory_id and v.vector_version = e.vector_version and v.model = $3
        where (e.partition, e.position) in (select * from unnest($1, $2))
        """,
        Sql.Column(at, one => one.Partition),
        Sql.Column(at, one => one.Position),
        new NpgsqlParameter<string> { TypedValue = model });

    /// <summary>Notes which memories were made under locked keys.</summary>
    public static NpgsqlBatchCommand Own(IReadOnlyList<OwnedKey> owned) => Sql.Command(
        """
        update dedupe_keys k set memory_partition = o.memory_partition, memory_id = o.memory_id
        from unnest($1, $2, $3, $4, $5) o (partition, tenant, key, memory_partition, memory_id)
        where k.partition = o.partition and k.tenant = o.tenant and k.key = o.key
        """,
        Sql.Column(owned, one => PartitionOf(one.Key)),
        Sql.Column(owned, one => one.Tenant),
        Sql.Column(owned, one => one.Key.ToArray()),
        Sql.Column(owned, one => (short)one.Memory.Partition.Value),
        Sql.Column(owned, one => one.Memory.Value));

    /// <summary>Removes locked keys under which no memory is: they say something of contents that are not stored.</summary>
    public static NpgsqlBatchCommand Sweep(IReadOnlyList<(string Tenant, ReadOnlyMemory<byte> Key)> keys) => Sql.Command(
        """
        delete from dedupe_keys k using unnest($1, $2, $3) a (partition, tenant, key)
        where k.partition = a.partition and k.tenant = a.tenant and k.key = a.key and k.memory_id is null
        """,
        Sql.Column(keys, one => PartitionOf(one.Key)),
        Sql.Column(keys, one => one.Tenant),
        Sql.Column(keys, one => one.Key.ToArray()));

    private static short PartitionOf(ReadOnlyMemory<byte> key) => key.Span[0];

    /// <summary>Memories of exactly a scope and kind, newest first, by the index that fits which of its parts are there.</summary>
    private static string InScope(string columns, string a, string condition, string withoutScope, string limit)
    {
        string Branch(string given, string scope) =>
            $"""
            union all
            (select {columns} from memories m
             where {given} and m.tenant = {a}.tenant and {scope} and m.kind = {a}.kind and {Alive} {condition}
             order by m.created_at desc, m.id desc {limit})
            """;

        var agentAndSession = $"m.agent is not distinct from {a}.agent and m.session is not distinct from {a}.session";
        return string.Join(
            '\n',
            Branch($"{a}.\"user\" is not null", $"m.\"user\" = {a}.\"user\" and {agentAndSession}"),
            Branch($"{a}.\"user\" is null and {a}.session is not null", $"m.session = {a}.session and m.\"user\" is null and m.agent is not distinct from {a}.agent"),
            Branch($"{a}.\"user\" is null and {a}.session is null and {a}.agent is not null", $"m.agent = {a}.agent and m.\"user\" is null and m.session is null"),
            Branch(
                $"{a}.\"user\" is null and {a}.session is null and {a}.agent is null",
                $"m.\"user\" is null and m.agent is null and m.session is null {withoutScope}"));
    }
}
