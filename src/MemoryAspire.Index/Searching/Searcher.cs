using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Faiss.Graphs;
using MemoryAspire.Index.Memories;
using MemoryAspire.Index.Segments;

namespace MemoryAspire.Index.Searching;

/// <summary>Searches a view. It takes no lock; what is written meanwhile is not seen.</summary>
internal sealed class Searcher(IndexOptions options, TextNumbers texts, DistanceCosts costs)
{
    public SearchResult Search(IndexView view, SearchQuery query, long now, CancellationToken cancellationToken)
    {
        // First the snapshot, then the numbers and lists: these then hold all that it shows.
        var snapshot = view.Snapshot;
        if (!TryFilter(query, now, snapshot, out var filter)) return Nothing;
        var rows = view.Lists.Of(filter.Tenant, filter.User);
        if (rows.IsEmpty) return Nothing;
        var qualifying = Estimate(view.Rows, rows, filter);
        var plan = SearchPlan.Choose(rows.Length, qualifying, view.Added, query.K, options.ScanMax, options.WalkBreadth, costs.WalkPenalty);
        if (!plan.Walk) return Scan(view, query, rows, filter, SearchPath.Scan, cancellationToken);
        var hits = view.Nodes.Graph.Walk(view.Rows, query.Vector.Span, filter, query.K, plan.Breadth, plan.Budget, out var end, cancellationToken);
        // Out of range with fewer than k: asking for more would find no more.
        return end == WalkEnd.OutOfRange || (end == WalkEnd.Complete && hits.Length == query.K)
            ? new SearchResult(Convert(hits), Exhausted: hits.Length < query.K, SearchPath.Walk)
            : Scan(view, query, rows, filter, SearchPath.WalkThenScan, cancellationToken);
    }

    /// <summary>Compares all of some rows, as a snapshot saw them.</summary>
    public SearchResult Search(IndexView view, SearchQuery query, long now, NamedRows named, CancellationToken cancellationToken) =>
        TryFilter(query, now, named.Snapshot, out var filter)
            ? Scan(view, query, named.Rows, filter, SearchPath.Scan, cancellationToken) with { Unknown = named.Unknown }
            : Nothing with { Unknown = named.Unknown };

    private static SearchResult Nothing { get; } = new([], Exhausted: true, SearchPath.Scan);

    private static SearchResult Scan(IndexView view, SearchQuery query, ReadOnlySpan<int> rows, in RowFilter filter, SearchPath path, CancellationToken cancellationToken)
    {
        var hits = view.Nodes.Graph.Scan(view.Rows, rows, query.Vector.Span, filter, query.K, out var matched, cancellationToken);
        return new SearchResult(Convert(hits), matched <= hits.Length, path);
    }

    /// <summary>False when a part of the scope was never seen here, so that nothing can match.</summary>
    private bool TryFilter(SearchQuery query, long now, ulong snapshot, out RowFilter filter)
    {
        filter = default;
        if (!texts.TryFind(query.Tenant, out var tenant) || !texts.TryFind(query.Scope.User, out var user)
            || !texts.TryFind(query.Scope.Agent, out var agent) || !texts.TryFind(query.Scope.Session, out var session)) return false;
        filter = new RowFilter(tenant, user, agent, session, Bits(query.Kinds), now, snapshot)
        {
            Created = query.Created,
            Updated = query.Updated,
            Least = query.LeastSimilarity ?? RowFilter.Everything,
        };
        return true;
    }

    private static ulong Bits(IReadOnlyCollection<MemoryKind> kinds) =>
        kinds.Count == 0 ? ulong.MaxValue : kinds.Aggregate(0UL, (bits, kind) => bits | (1UL << (int)kind));

    /// <summary>How many rows qualify: counted when they are few, else judged by a sample spread over the list.</summary>
    private static long Estimate(MemoryRows table, ReadOnlySpan<int> rows, in RowFilter filter)
    {
        if (rows.Length <= SearchPlan.SampleMax) return rows.Length;
        Span<int> sample = stackalloc int[SearchPlan.SampleMax];
        for (var i = 0; i < sample.Length; i++) sample[i] = rows[(int)((long)i * rows.Length / sample.Length)];
        return table.CountPassing(sample, filter) * rows.Length / sample.Length;
    }

    private static SearchHit[] Convert(RowHit[] hits) =>
        Array.ConvertAll(hits, hit => new SearchHit(new MemoryId(hit.Id), hit.Version, hit.Similarity));
}
