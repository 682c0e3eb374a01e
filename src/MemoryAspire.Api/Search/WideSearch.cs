using MemoryAspire.Contracts.Identity;
using MemoryAspire.Postgres.Searching;
using MemoryAspire.ServiceDefaults.Resilience;

namespace MemoryAspire.Api.Search;

/// <summary>
/// Searches a scope that is too large to be looked at whole: the nearest by meaning, and those that have the words, of which a common
/// one is looked up only so often. What both bring is then ranked alike.
/// </summary>
internal sealed class WideSearch(SearchReader reader, SemanticSearch semantic, IndexSearch index, RowSearch rows, StorePipelines pipelines)
{
    /// <summary>Memories looked at for each word.</summary>
    private const int EachMax = 2_000;

    /// <summary>The nearest that are ranked, for each that is wanted.</summary>
    private const int Breadth = 10;

    private const int BreadthMin = 200;

    /// <summary>Null when the index is away.</summary>
    public async Task<SearchPage?> FindAsync(SearchCall call, CancellationToken cancellationToken)
    {
        var near = (IReadOnlyList<Found>)[];
        if (call.Mode != SearchMode.Keyword && !call.Vector.IsEmpty)
        {
            var breadth = Math.Clamp(call.Wanted * Breadth, BreadthMin, IndexSearch.CountMax);

            // What is far in meaning may be near in the end.
            var nearer = call with { Request = call.Request with { MinScore = 0 } };
            if (await semantic.FindAsync(nearer, breadth, null, cancellationToken) is not { } nearest) return null;
            near = nearest;
        }

        return await pipelines.PostgresRead.ExecuteAsync(
            async token =>
            {
                await using var snapshot = await reader.BeginAsync(token);
                var found = await snapshot.ReadWordsAsync(call.Selection, call.Terms, [.. near.Select(one => one.Memory.Id)], call.Until, EachMax, token);
                var words = call.Terms.Count == 0 ? null : call.Request.Cursor?.Words ?? await WeighAsync(call, snapshot, found, token);
                var compared = call.Mode == SearchMode.Keyword || call.Vector.IsEmpty ? null : await CompareAsync(call, near, found, token);
                return await rows.FinishAsync(call, snapshot, found, compared, words, false, token);
            },
            cancellationToken);
    }

    /// <summary>The similarity of all that was found: of what the words brought, the index is asked.</summary>
    private async Task<IReadOnlyList<Candidate>> CompareAsync(
        SearchCall call, IReadOnlyList<Found> near, IReadOnlyList<SearchRow> found, CancellationToken cancellationToken)
    {
        var compared = near.Select(one => new Candidate(one.Memory.Id, one.Memory.Version, (float)(one.Similarity ?? 0))).ToList();
        var known = near.Select(one => one.Memory.Id).ToHashSet();
        List<MemoryId> others = [.. found.Where(row => row.HasVector && !known.Contains(row.Id)).Select(row => row.Id)];
        var query = new CandidateQuery(call.Tenant, call.Bounds.Scope, [], call.Vector, others);
        if (await index.FindAsync(query, others.Count, call.Consistency, cancellationToken) is { } rest) compared.AddRange(rest.Best);
        return compared;
    }

    /// <summary>What the words tell. How many memories have a word that was not looked up to the end is what PostgreSQL estimates.</summary>
    private static async Task<WordStatistics> WeighAsync(SearchCall call, SearchSnapshot snapshot, IReadOnlyList<SearchRow> found, CancellationToken cancellationToken)
    {
        var total = await snapshot.EstimateAsync(call.Selection, null, cancellationToken);
        var counts = new double[call.Terms.Count];
        for (var term = 0; term < counts.Length; term++)
        {
            var count = found.Count(row => WordStatistics.Has(row, term));
            counts[term] = count < EachMax ? count : Math.Max(count, await snapshot.EstimateAsync(call.Selection, call.Terms[term], cancellationToken));
        }

        return WordStatistics.Of(counts, found.Count == 0 ? 1 : found.Average(row => row.Length), total);
    }
}
