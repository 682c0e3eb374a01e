using MemoryAspire.Contracts.Identity;
using MemoryAspire.Postgres.Memories;
using MemoryAspire.Postgres.Writes;
using Npgsql;

namespace MemoryAspire.Postgres.Pending;

/// <summary>A memory that waits for its vector.</summary>
/// <param name="Version">The version it waits since.</param>
/// <param name="Memory">As it is now; null when it is gone.</param>
public sealed record PendingEmbedding(string Tenant, MemoryId Id, long Version, StoredMemory? Memory);

/// <summary>
/// Which memories wait for their vectors. They are noted in the transaction that stores them, and struck off when they have one: who
/// dies in between only repeats a look.
/// </summary>
public sealed class PendingEmbeddings(NpgsqlDataSource dataSource)
{
    /// <summary>Some that nobody is at; nobody else is given them meanwhile.</summary>
    public async Task<IReadOnlyList<PendingEmbedding>> ClaimAsync(int countMax, TimeSpan lease, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            $"""
            with due as (
                select partition, id from pending_embeddings where claimed_until < now() order by claimed_until limit $1 for update skip locked),
            claimed as (
                update pending_embeddings p set claimed_until = now() + $2 from due where p.partition = due.partition and p.id = due.id
                returning p.partition, p.id, p.tenant, p.version)
            select c.tenant, c.id, c.version, {MemoryRows.Columns}
            from claimed c
            left join memories m on m.partition = c.partition and m.id = c.id and (m.expires_at is null or m.expires_at > now())
            """);
        command.Parameters.Add(new() { Value = countMax });
        command.Parameters.Add(new() { Value = lease });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var claimed = new List<PendingEmbedding>();
        while (await reader.ReadAsync(cancellationToken))
        {
            claimed.Add(new PendingEmbedding(
                reader.GetString(0), new MemoryId(reader.GetGuid(1)), reader.GetInt64(2), reader.IsDBNull(3) ? null : MemoryRows.Read(reader, 3)));
        }

        return claimed;
    }

    /// <summary>Strikes off those that wait for nothing any more, unless a later version waits since.</summary>
    public async Task DoneAsync(IReadOnlyList<PendingEmbedding> done, CancellationToken cancellationToken)
    {
        if (done.Count == 0) return;
        await using var command = dataSource.CreateCommand(
            """
            delete from pending_embeddings p using unnest($1, $2, $3) d (partition, id, version)
            where p.partition = d.partition and p.id = d.id and p.version = d.version
            """);
        command.Parameters.Add(Sql.Column(done, one => (short)one.Id.Partition.Value));
        command.Parameters.Add(Sql.Column(done, one => one.Id.Value));
        command.Parameters.Add(Sql.Column(done, one => one.Version));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The statement that notes them with the write itself.</summary>
    internal static NpgsqlBatchCommand Note(IReadOnlyList<(string Tenant, MemoryId Id, long Version)> pending) => Sql.Command(
        """
        insert into pending_embeddings (partition, id, tenant, version) select * from unnest($1, $2, $3, $4)
        on conflict (partition, id) do update set version = excluded.version, claimed_until = '-infinity'
        """,
        Sql.Column(pending, one => (short)one.Id.Partition.Value),
        Sql.Column(pending, one => one.Id.Value),
        Sql.Column(pending, one => one.Tenant),
        Sql.Column(pending, one => one.Version));
}
