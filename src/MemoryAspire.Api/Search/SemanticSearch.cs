using MemoryAspire.Contracts.Identity;
using MemoryAspire.Postgres.Memories;
using MemoryAspire.Postgres.Searching;
using MemoryAspire.ServiceDefaults.Resilience;
using Microsoft.Extensions.Options;

namespace MemoryAspire.Api.Search;

/// <summary>
/// The nearest memories that match: if k match, k are found. What the index can judge it judges; for any other filter PostgreSQL
/// names the memories when they are few, and when they are many the index is asked for ever more until enough of them match.
/// </summary>
internal sealed class SemanticSearch(
    IndexSearch index, HitReads reads, CandidateReader candidates, StorePipelines pipelines, IOptions<SearchOptions> options)
{
    private const int Growth = 4;

    /// <summary>Memories named at a time.</summary>
    private const int NamedMax = 20_000;

    /// <summary>Best first, at most so many; null when the index is away.</summary>
    /// <param name="cursor">What to begin after.</param>
    public async Task<IReadOnlyList<Found>?> FindAsync(SearchCall call, int count, SearchCursor? cursor, CancellationToken cancellationToken)
    {
        if (call.Bounds.IsExact) return await WalkAsync(call, count, cursor, cancellationToken);
        return await PlanAsync(call, cancellationToken) switch
        {
            FilterPlan.Walk => await WalkAsync(call, count, cursor, cancellationToken),
            _ => await NamedAsync(call, count, cursor, cancellationToken),
        };
    }

    private async Task<FilterPlan> PlanAsync(SearchCall call, CancellationToken cancellationToken)
    {
        if (options.Value.FilterPlan != FilterPlan.Auto) return options.Value.FilterPlan;
        if (call.Bounds.Scope.User is not null) return FilterPlan.Named;
        try
        {
            var estimate = await pipelines.PostgresRead.ExecuteAsync(
                async token => await candidates.EstimateAsync(call.Selection, token), cancellationToken);
            return estimate <= NamedMax ? FilterPlan.Named : FilterPlan.Walk;
        }
        catch (Exception exception) when (StoreFailures.IsPostgresAway(exception))
        {
            // Only the index can be asked; that its hits cannot be read from PostgreSQL is found out there.
            return FilterPlan.Walk;
        }
    }

    /// <summary>Asks for ever more of the nearest until enough match, or there are no more.</summary>
    private async Task<IReadOnlyList<Found>?> WalkAsync(SearchCall call, int count, SearchCursor? cursor, CancellationToken cancellationToken)
    {
        var query = new CandidateQuery(call.Tenant, call.Bounds.Scope, call.Bounds.Kinds, call.Vector);
        var found = new Collected(call, reads, count, cursor);
        for (var asked = count; ; asked = Math.Min(asked * Growth, IndexSearch.CountMax))
        {
            if (await index.FindAsync(query, asked, call.Consistency, cancellationToken) is not { } nearest) return null;
            await found.AddAsync(nearest, cancellationToken);
            if ((found.IsFull && !EndsInTies(nearest)) || nearest.Exhausted) return found.Best;
            if (asked == IndexSearch.CountMax) return found.IsFull ? found.Best : await NamedAsync(call, count, cursor, cancellationToken);
        }
    }

    /// <summary>Compares every memory that matches, page by page.</summary>
    private async Task<IReadOnlyList<Found>?> NamedAsync(SearchCall call, int count, SearchCursor? cursor, CancellationToken cancellationToken)
    {
        var found = new Collected(call, reads, count, cursor);
        for (var after = (ListCursor?)null; ;)
        {
            var page = await pipelines.PostgresRead.ExecuteAsync(
                async token => await candidates.ListAsync(call.Selection, after, NamedMax, token), cancellationToken);
            if (!await AddNamedAsync(call, page.Ids, found, count, cancellationToken)) return null;
            if (page.Last is null) return found.Best;
            after = page.Last;
        }
    }

    private async Task<bool> AddNamedAsync(SearchCall call, IReadOnlyList<MemoryId> ids, Collected found, int count, CancellationToken cancellationToken)
    {
        var query = new CandidateQuery(call.Tenant, call.Bounds.Scope, [], call.Vector, ids);
        var before = found.Count;
        for (var asked = count; ; asked = Math.Min(asked * Growth, IndexSearch.CountMax))
        {
            if (await index.FindAsync(query, asked, call.Consistency, cancellationToken) is not { } nearest) return false;
            await found.AddAsync(nearest, cancellationToken);
            if ((found.Count - before >= count && !EndsInTies(nearest)) || nearest.Exhausted || asked == IndexSearch.CountMax) return true;
        }
    }

    /// <summary>All that point away from the query have the score 0, and then their ids decide: none of them may be missing.</summary>
    private static bool EndsInTies(Candidates nearest) => nearest.Best.Count > 0 && nearest.Best[^1].Similarity <= 0;

    /// <summary>What was found so far. Each memory is read once, however often the index names it.</summary>
    private sealed class Collected(SearchCall call, HitReads reads, int count, SearchCursor? cursor)
    {
        private readonly HashSet<MemoryId> _read = [];
        private readonly List<Found> _found = [];

        public bool IsFull => _found.Count >= count;

        public int Count => _found.Count;

        public IReadOnlyList<Found> Best =>
            [.. _found.OrderByDescending(one => one.Score).ThenByDescending(one => one.Memory.Id).Take(count)];

        public async Task AddAsync(Candidates candidates, CancellationToken cancellationToken)
        {
            var fresh = candidates.Best.Where(one => _read.Add(one.Id)).Concat(candidates.Unknown.Where(_read.Add).Select(id => new Candidate(id, 0, 0))).ToList();
            foreach (var one in await reads.ReadAsync(call, fresh, cancellationToken))
            {
                if (cursor?.Precedes(one.Score, one.Memory.Id) != false) _found.Add(one);
            }
        }
    }
}
