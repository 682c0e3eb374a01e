using System.Data;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Postgres.Memories;
using Npgsql;

namespace MemoryAspire.Postgres.Searching;

/// <summary>Opens snapshots to search in.</summary>
public sealed class SearchReader(NpgsqlDataSource dataSource)
{
    public async Task<SearchSnapshot> BeginAsync(CancellationToken cancellationToken)
    {
        var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        try
        {
            return new SearchSnapshot(connection, await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}

/// <summary>
/// One state of the database, read in several steps: what was ranked and what is shown belong together, whatever is written
/// meanwhile.
/// </summary>
public sealed class SearchSnapshot(NpgsqlConnection connection, NpgsqlTransaction transaction) : IAsyncDisposable
{
    /// <summary>The heads of the partitions that were searched, as of this state.</summary>
    public IReadOnlyDictionary<Partition, Position> Heads { get; private set; } = new Dictionary<Partition, Position>();

    /// <summary>
    /// Every memory of a scope, at most <paramref name="limit"/>. The filter is judged, not obeyed: what it leaves out stands
    /// beside what it does not.
    /// </summary>
    /// <param name="until">What was created later is absent.</param>
    public async Task<IReadOnlyList<SearchRow>> ReadScopeAsync(
        MemorySelection selection, IReadOnlyList<SearchTerm> terms, DateTimeOffset? until, int limit, CancellationToken cancellationToken)
    {
        await using var batch = Batch(MemoryLister.HeadsOf(selection), SearchStatements.Scope(selection, terms, until, limit));
        return await ReadRowsAsync(batch, cancellationToken);
    }

    /// <summary>
    /// The memories of a wide scope that have one of the terms, at most <paramref name="eachMax"/> for each, and some others that
    /// are named.
    /// </summary>
    public async Task<IReadOnlyList<SearchRow>> ReadWordsAsync(
        MemorySelection selection, IReadOnlyList<SearchTerm> terms, IReadOnlyCollection<MemoryId> others, DateTimeOffset? until, int eachMax, CancellationToken cancellationToken)
    {
        await using var batch = Batch(MemoryLister.HeadsOf(selection), SearchStatements.Words(selection, terms, others, until, eachMax));
        return await ReadRowsAsync(batch, cancellationToken);
    }

    /// <summary>Some memories, those that exist, with vectors of a model when one is named.</summary>
    public async Task<IReadOnlyDictionary<MemoryId, StoredMemory>> ReadMemoriesAsync(
        string tenant, IReadOnlyCollection<MemoryId> ids, string? vectorsOf, CancellationToken cancellationToken)
    {
        await using var batch = Batch(SearchStatements.Memories(tenant, ids, vectorsOf));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var memories = new Dictionary<MemoryId, StoredMemory>(ids.Count);
        while (await reader.ReadAsync(cancellationToken))
        {
            var memory = MemoryRows.Read(reader, withVector: true);
            memories.Add(memory.Record.Memory.Id, memory);
        }

        return memories;
    }

    /// <summary>The different words of a scope's contents, as they are indexed.</summary>
    public async Task<IReadOnlyList<string>> ReadVocabularyAsync(MemorySelection selection, int limit, CancellationToken cancellationToken)
    {
        await using var batch = Batch(SearchStatements.Vocabulary(selection, limit));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var words = new List<string>();
        while (await reader.ReadAsync(cancellationToken)) words.Add(reader.GetString(0));
        return words;
    }

    /// <summary>About how many memories of a scope there are, whatever the filter, or have a term: by PostgreSQL's statistics.</summary>
    public async Task<double> EstimateAsync(MemorySelection selection, SearchTerm? term, CancellationToken cancellationToken)
    {
        await using var batch = Batch(SearchStatements.Estimate(selection with { Filter = null }, term));
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        return await SearchStatements.ReadEstimateAsync(reader, cancellationToken);
    }

    /// <summary>Nothing was changed, so that how it ends does not matter.</summary>
    public async ValueTask DisposeAsync()
    {
        await transaction.DisposeAsync();
        await connection.DisposeAsync();
    }

    private NpgsqlBatch Batch(params ReadOnlySpan<NpgsqlBatchCommand> commands)
    {
        var batch = new NpgsqlBatch(connection, transaction);
        foreach (var command in commands) batch.BatchCommands.Add(command);
        return batch;
    }

    private async Task<IReadOnlyList<SearchRow>> ReadRowsAsync(NpgsqlBatch batch, CancellationToken cancellationToken)
    {
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var heads = new Dictionary<Partition, Position>();
        while (await reader.ReadAsync(cancellationToken)) heads.Add(new Partition((byte)reader.GetInt16(0)), new Position(reader.GetInt64(1)));
        Heads = heads;
        await reader.NextResultAsync(cancellationToken);
        var rows = new List<SearchRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new SearchRow(
                new MemoryId(reader.GetGuid(0)),
                reader.GetInt64(1),
                reader.GetBoolean(2),
                reader.GetInt64(3),
                reader.Time(4),
                reader.GetInt64(5),
                reader.Time(6),
                reader.GetDouble(7),
                reader.GetBoolean(8),
                reader.GetInt32(9),
                reader.IsDBNull(10) ? null : reader.GetFieldValue<float[]>(10)));
        }

        return rows;
    }
}
