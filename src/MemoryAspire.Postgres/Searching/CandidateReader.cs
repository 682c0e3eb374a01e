using MemoryAspire.Contracts.Identity;
using MemoryAspire.Postgres.Memories;
using Npgsql;

namespace MemoryAspire.Postgres.Searching;

/// <summary>Names the memories of a selection, for an index that cannot judge the filter itself.</summary>
public sealed class CandidateReader(NpgsqlDataSource dataSource)
{
    /// <summary>About how many there are, by PostgreSQL's statistics.</summary>
    public async Task<long> EstimateAsync(MemorySelection selection, CancellationToken cancellationToken)
    {
        await using var batch = dataSource.CreateBatch();
        batch.BatchCommands.Add(SearchStatements.Estimate(selection, null));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        return (long)await SearchStatements.ReadEstimateAsync(reader, cancellationToken);
    }

    /// <summary>A page of them, in the order of a list.</summary>
    public async Task<(IReadOnlyList<MemoryId> Ids, ListCursor? Last)> ListAsync(
        MemorySelection selection, ListCursor? after, int limit, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand();
        var parameters = new SqlParameters(command.Parameters);
        var present = SelectionSql.Present(selection, parameters);
        if (after is { } last) present += $" and (m.created_at, m.id) < ({parameters.Time(last.CreatedAt)}, {parameters.Id(last.Id.Value)})";
        command.CommandText = $"select m.id, m.created_at from memories m where {present} order by m.created_at desc, m.id desc limit {parameters.Number(limit)}";
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var ids = new List<MemoryId>();
        var next = (ListCursor?)null;
        while (await reader.ReadAsync(cancellationToken))
        {
            var id = new MemoryId(reader.GetGuid(0));
            ids.Add(id);
            if (ids.Count == limit) next = new ListCursor(reader.Time(1), id);
        }

        return (ids, next);
    }
}
