using MemoryAspire.Bench.Load;
using Npgsql;

namespace MemoryAspire.Bench.Bare;

/// <summary>
/// The baseline: a table of the shape of <c>memories</c> with its vector, in the same server, without any index but the
/// primary key, no event, no second table.
/// </summary>
internal sealed class BareTable(NpgsqlDataSource source)
{
    public async Task CreateAsync(CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(
            """
            create table bare_memories (
                partition smallint not null,
                id uuid not null,
                tenant text not null,
                "user" text,
                kind text not null,
                content text not null,
                metadata jsonb not null,
                importance double precision not null,
                version bigint not null,
                created_at timestamptz not null,
                updated_at timestamptz not null,
                embedding bytea not null,
                primary key (partition, id)
            );
            alter table bare_memories alter column embedding set storage external;
            """);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public Task<long> CountAsync(CancellationToken cancellationToken) => source.CountAsync("bare_memories", cancellationToken);

    /// <summary>Writers with a connection and a prepared statement each.</summary>
    public async Task<BareWriter[]> OpenAsync(int count, MemoryBodies bodies, int rows)
    {
        var writers = new BareWriter[count];
        for (var i = 0; i < count; i++) writers[i] = await BareWriter.OpenAsync(await source.OpenConnectionAsync(), bodies, new Random(i), rows);
        return writers;
    }
}

internal static class RowCount
{
    public static async Task<long> CountAsync(this NpgsqlDataSource source, string table, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand($"select count(*) from {table}");
        return (long)(await command.ExecuteScalarAsync(cancellationToken) ?? 0L);
    }
}
