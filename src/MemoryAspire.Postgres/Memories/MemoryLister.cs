using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using Npgsql;
using NpgsqlTypes;

namespace MemoryAspire.Postgres.Memories;

/// <summary>Where a page begins: after this memory, in the order of a list.</summary>
public readonly record struct ListCursor(DateTimeOffset CreatedAt, MemoryId Id);

/// <summary>One page, and the heads of the partitions it was chosen from, in one snapshot.</summary>
public sealed record MemoryPage(IReadOnlyList<StoredMemory> Memories, IReadOnlyDictionary<Partition, Position> Heads);

/// <summary>Goes through the memories of a scope, newest first. What is expired is absent.</summary>
public sealed class MemoryLister(NpgsqlDataSource dataSource)
{
    public Task<MemoryPage> ListAsync(MemorySelection selection, ListCursor? after, int limit, CancellationToken cancellationToken) =>
        ReadAsync(selection, PageOf(selection, after, limit), withVector: false, cancellationToken);

    /// <summary>
    /// All memories of a selection that have a vector of a model, with it, at most <paramref name="limit"/>:
    /// for exact search without the index.
    /// </summary>
    public Task<MemoryPage> ListVectorsAsync(MemorySelection selection, string model, int limit, CancellationToken cancellationToken) =>
        ReadAsync(selection, VectorsOf(selection, model, limit), withVector: true, cancellationToken);

    /// <summary>The heads and the page come from one snapshot: a token says the page is as of these heads.</summary>
    private async Task<MemoryPage> ReadAsync(
        MemorySelection selection, NpgsqlBatchCommand page, bool withVector, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellationToken);
        await using var batch = new NpgsqlBatch(connection, transaction) { BatchCommands = { HeadsOf(selection), page } };
        var heads = new Dictionary<Partition, Position>();
        var memories = new List<StoredMemory>();
        await using (var reader = await batch.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken)) heads.Add(new Partition((byte)reader.GetInt16(0)), new Position(reader.GetInt64(1)));
            await reader.NextResultAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken)) memories.Add(MemoryRows.Read(reader, withVector: withVector));
        }

        await transaction.CommitAsync(cancellationToken);
        return new MemoryPage(memories, heads);
    }

    private static NpgsqlBatchCommand VectorsOf(MemorySelection selection, string model, int limit)
    {
        var command = new NpgsqlBatchCommand();
        var parameters = new SqlParameters(command.Parameters);
        command.CommandText =
            $"""
            select {MemoryRows.Columns}, v.embedding
            from memories m
            join memory_vectors v on v.partition = m.partition and v.id = m.id and v.vector_version = m.vector_version and v.model = {parameters.Text(model)}
            where {SelectionSql.Present(selection, parameters)}
            limit {parameters.Number(limit)}
            """;
        return command;
    }

    internal static NpgsqlBatchCommand HeadsOf(MemorySelection selection)
    {
        var command = new NpgsqlBatchCommand("select partition, head from partition_heads where head > 0 and ($1::smallint is null or partition = $1)");
        command.Parameters.Add(new() { Value = (object?)(short?)selection.Partition?.Value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Smallint });
        return command;
    }

    private static NpgsqlBatchCommand PageOf(MemorySelection selection, ListCursor? after, int limit)
    {
        var command = new NpgsqlBatchCommand();
        var parameters = new SqlParameters(command.Parameters);
        var present = SelectionSql.Present(selection, parameters);
        if (after is { } last) present += $" and (m.created_at, m.id) < ({parameters.Time(last.CreatedAt)}, {parameters.Id(last.Id.Value)})";
        command.CommandText =
            $"""
            select {MemoryRows.Columns} from memories m
            where {present}
            order by m.created_at desc, m.id desc
            limit {parameters.Number(limit)}
            """;
        return command;
    }
}
