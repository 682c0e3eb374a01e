using MemoryAspire.Api.Consistency;
using MemoryAspire.Filters;
using MemoryAspire.Postgres.Memories;
using MemoryAspire.Postgres.Searching;

namespace MemoryAspire.Api.Search;

/// <summary>One search under way.</summary>
/// <param name="Bounds">What of the filter the index can judge.</param>
/// <param name="Vector">Empty: there is nothing to compare with.</param>
/// <param name="Terms">None: there are no words to look for.</param>
/// <param name="Mode">What runs.</param>
/// <param name="Now">When its first page was made.</param>
internal sealed record SearchCall(
    string Tenant,
    SearchRequest Request,
    FilterBounds Bounds,
    ReadOnlyMemory<float> Vector,
    IReadOnlyList<SearchTerm> Terms,
    SearchMode Mode,
    DateTimeOffset Now,
    RequestConsistency Consistency)
{
    /// <summary>What PostgreSQL is to look at.</summary>
    public MemorySelection Selection => new(Tenant, Bounds.Scope, null, Request.Filter);

    /// <summary>What was created later is not in this page; null: everything may be.</summary>
    public DateTimeOffset? Until => Request.Cursor?.At;

    /// <summary>One more than a page tells whether there is a next one.</summary>
    public int Wanted => Request.Count + 1;

    /// <summary>Cuts what was found, best first, to a page.</summary>
    public SearchPage Page(IReadOnlyList<Found> found, WordStatistics? words)
    {
        var results = found.Take(Request.Count).ToList();
        var next = found.Count > results.Count
            ? new SearchCursor(Request.Identity, Now, results[^1].Score, results[^1].Memory.Id, words)
            : null;
        return new SearchPage(results, Mode, next);
    }
}

/// <summary>A page of results, best first.</summary>
internal sealed record SearchPage(IReadOnlyList<Found> Results, SearchMode Mode, SearchCursor? Next);
