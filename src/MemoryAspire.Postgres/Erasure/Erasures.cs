using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Postgres.Memories;
using Npgsql;
using NpgsqlTypes;

namespace MemoryAspire.Postgres.Erasure;

/// <summary>The records of erasures. Every method may be repeated.</summary>
public sealed class Erasures(NpgsqlDataSource dataSource)
{
    private const string Columns =
        """
        id, tenant, actor, memory_id, "user", agent, session, kind, requested_at, memories, deleted, events, vectors, cached,
        postgres_at, redis_at, index_at, finished_at
        """;

    /// <summary>Puts the demand on record. One with the same id stays as it is.</summary>
    public async Task<ErasureRecord> BeginAsync(Guid id, string tenant, string actor, ErasureTarget target, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            $"""
            insert into erasures (id, tenant, actor, memory_id, "user", agent, session, kind) values ($1, $2, $3, $4, $5, $6, $7, $8)
            on conflict (partition, id) do update set tenant = excluded.tenant
            returning {Columns}
            """);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = actor });
        command.Parameters.Add(new() { Value = (object?)target.Memory?.Value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
        foreach (var part in new[] { target.Scope.User, target.Scope.Agent, target.Scope.Session, target.Kind?.ToText() })
        {
            command.Parameters.Add(new() { Value = (object?)part ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        }

        return (await ReadAsync(command, cancellationToken)).Single();
    }

    /// <summary>Null when the tenant has no such erasure.</summary>
    public async Task<ErasureRecord?> FindAsync(string tenant, Guid id, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand($"select {Columns} from erasures where partition = 0 and id = $1 and tenant = $2");
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = tenant });
        return (await ReadAsync(command, cancellationToken)).SingleOrDefault();
    }

    /// <summary>Those that are not finished although they were demanded so long ago, oldest first.</summary>
    public async Task<IReadOnlyList<ErasureRecord>> FindOpenAsync(TimeSpan age, int limit, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            $"select {Columns} from erasures where finished_at is null and requested_at <= clock_timestamp() - $1 order by requested_at limit $2");
        command.Parameters.Add(new() { Value = age });
        command.Parameters.Add(new() { Value = (long)limit });
        return await ReadAsync(command, cancellationToken);
    }

    /// <summary>PostgreSQL holds nothing of it any more.</summary>
    public Task<ErasureRecord> PostgresIsCleanAsync(ErasureRecord erasure, CancellationToken cancellationToken) =>
        MarkAsync(erasure, "postgres_at", 0, cancellationToken);

    /// <param name="cached">Values that were still there.</param>
    public Task<ErasureRecord> RedisIsCleanAsync(ErasureRecord erasure, long cached, CancellationToken cancellationToken) =>
        MarkAsync(erasure, "redis_at", cached, cancellationToken);

    public Task<ErasureRecord> IndexIsCleanAsync(ErasureRecord erasure, CancellationToken cancellationToken) =>
        MarkAsync(erasure, "index_at", 0, cancellationToken);

    private async Task<ErasureRecord> MarkAsync(ErasureRecord erasure, string tier, long cached, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            $"""
            update erasures set {tier} = coalesce({tier}, clock_timestamp()), cached = cached + $2
            where partition = 0 and id = $1
            returning {Columns}
            """);
        command.Parameters.Add(new() { Value = erasure.Id });
        command.Parameters.Add(new() { Value = cached });
        return (await ReadAsync(command, cancellationToken)).Single();
    }

    private static async Task<List<ErasureRecord>> ReadAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var erasures = new List<ErasureRecord>();
        while (await reader.ReadAsync(cancellationToken)) erasures.Add(Read(reader));
        return erasures;
    }

    private static ErasureRecord Read(NpgsqlDataReader row)
    {
        var target = new ErasureTarget(
            row.IsDBNull(3) ? null : new MemoryId(row.GetGuid(3)),
            new Scope(row.Text(4), row.Text(5), row.Text(6)),
            row.Text(7) is { } kind ? MemoryKinds.Parse(kind) : null);
        return new ErasureRecord(row.GetGuid(0), row.GetString(1), row.GetString(2), target, row.Time(8))
        {
            Memories = row.GetInt64(9),
            Deleted = row.GetInt64(10),
            Events = row.GetInt64(11),
            Vectors = row.GetInt64(12),
            Cached = row.GetInt64(13),
            PostgresAt = TimeOrNull(row, 14),
            RedisAt = TimeOrNull(row, 15),
            IndexAt = TimeOrNull(row, 16),
            FinishedAt = TimeOrNull(row, 17),
        };
    }

    private static DateTimeOffset? TimeOrNull(NpgsqlDataReader row, int ordinal) => row.IsDBNull(ordinal) ? null : row.Time(ordinal);
}
