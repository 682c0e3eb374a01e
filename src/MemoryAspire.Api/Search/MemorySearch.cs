using MemoryAspire.Api.Consistency;
using MemoryAspire.Api.Embedding;
using MemoryAspire.Api.Problems;
using MemoryAspire.Filters;
using MemoryAspire.Postgres.Log;
using MemoryAspire.Postgres.Searching;
using MemoryAspire.Redis.Values;
using MemoryAspire.ServiceDefaults.Resilience;

namespace MemoryAspire.Api.Search;

/// <summary>Decides how a search is served with what is there: docs/search.md tells it in order.</summary>
internal sealed class MemorySearch(
    TextEmbedder embedder, SearchTerms terms, EventLog log, ScopeSearch scopes, WideSearch wide, SemanticSearch semantic, WideScopes wideScopes, StorePipelines pipelines, TimeProvider time)
{
    public async Task<SearchPage> FindAsync(string tenant, SearchRequest request, RequestConsistency consistency, CancellationToken cancellationToken)
    {
        var bounds = FilterBounds.Of(request.Scope, request.Filter);
        if (bounds.IsEmpty) return new SearchPage([], request.Mode, null);
        var vector = await EmbedAsync(request, cancellationToken);
        var call = new SearchCall(tenant, request, bounds, vector, [], request.Mode, request.Cursor?.At ?? time.GetUtcNow(), consistency);
        try
        {
            if (request.Level == ReadLevel.Strong) await RequireAllAsync(call, cancellationToken);
            if (request.Mode == SearchMode.Semantic && request.Ranking.IsMatchOnly) return await NearestAsync(call, cancellationToken);
            call = await WithWordsAsync(call, cancellationToken);
            return await RankedAsync(call, cancellationToken);
        }
        catch (Exception exception) when (StoreFailures.IsPostgresAway(exception))
        {
            consistency.PassOver("postgres");
            return await WithoutPostgresAsync(call, cancellationToken);
        }
    }

    private async Task<ReadOnlyMemory<float>> EmbedAsync(SearchRequest request, CancellationToken cancellationToken)
    {
        if (request.Embedding is { } given) return given;
        return request.Mode == SearchMode.Keyword ? default : await embedder.EmbedAsync(request.Query ?? "", cancellationToken);
    }

    /// <summary>Whoever reads strongly sees what is committed now, in the index too.</summary>
    private async Task RequireAllAsync(SearchCall call, CancellationToken cancellationToken)
    {
        var heads = await pipelines.PostgresRead.ExecuteAsync(async token => await log.ReadHeadsAsync(token), cancellationToken);
        call.Consistency.Require(call.Selection.Partition is { } only ? [only] : Contracts.Identity.Partition.All, heads);
    }

    /// <summary>The call with the words to look for. A hybrid search of a text that has none, or no meaning, is the other half.</summary>
    private async Task<SearchCall> WithWordsAsync(SearchCall call, CancellationToken cancellationToken)
    {
        if (call.Mode == SearchMode.Semantic) return call;
        var words = await pipelines.PostgresRead.ExecuteAsync(
            async token => await terms.OfAsync(call.Request.Query ?? "", token), cancellationToken);
        var mode = call.Mode == SearchMode.Keyword || call.Vector.IsEmpty ? SearchMode.Keyword : words.Count == 0 ? SearchMode.Semantic : SearchMode.Hybrid;
        return call with { Terms = words, Mode = mode };
    }

    private async Task<SearchPage> NearestAsync(SearchCall call, CancellationToken cancellationToken)
    {
        if (call.Vector.IsEmpty) return new SearchPage([], call.Mode, null);
        return await semantic.FindAsync(call, call.Wanted, call.Request.Cursor, cancellationToken) is { } found
            ? call.Page(found, null)
            : await WithoutIndexAsync(call, cancellationToken);
    }

    private async Task<SearchPage> RankedAsync(SearchCall call, CancellationToken cancellationToken)
    {
        if (call.Mode == SearchMode.Keyword && call.Terms.Count == 0) return new SearchPage([], call.Mode, null);
        if (!wideScopes.IsKnown(call.Tenant, call.Bounds.Scope))
        {
            if (await scopes.FindAsync(call, withIndex: true, cancellationToken) is { } page) return page;
            wideScopes.Remember(call.Tenant, call.Bounds.Scope);
        }

        return await wide.FindAsync(call, cancellationToken) ?? await WithoutIndexAsync(call, cancellationToken);
    }

    /// <summary>Exact where the scope allows it, by words where there are any.</summary>
    private async Task<SearchPage> WithoutIndexAsync(SearchCall call, CancellationToken cancellationToken)
    {
        if (await scopes.FindAsync(call, withIndex: false, cancellationToken) is { } page) return page;
        if (call.Request.Query is not null)
        {
            var worded = await WithWordsAsync(call with { Mode = SearchMode.Keyword }, cancellationToken);
            if (await wide.FindAsync(worded, cancellationToken) is { } found) return found;
        }

        throw Refusal.Unavailable("The index cannot be reached, and the scope is too wide to be searched without it: name a user, agent or session.");
    }

    /// <summary>The index still knows what is near, and Redis what is often read.</summary>
    private async Task<SearchPage> WithoutPostgresAsync(SearchCall call, CancellationToken cancellationToken)
    {
        if (call.Request.Level == ReadLevel.Strong) throw Refusal.Unavailable("PostgreSQL cannot be reached, and strong reads need it.");
        if (call.Request.Mode == SearchMode.Keyword || call.Vector.IsEmpty) throw Refusal.Unavailable("PostgreSQL cannot be reached, and only it finds words.");
        var near = call with { Mode = SearchMode.Semantic, Terms = [] };
        var count = call.Request.Ranking.IsMatchOnly ? near.Wanted : Math.Min(near.Wanted * 10, IndexSearch.CountMax);
        try
        {
            if (await semantic.FindAsync(near, count, call.Request.Cursor, cancellationToken) is { } found) return near.Page(found, null);
        }
        catch (Exception exception) when (StoreFailures.IsPostgresAway(exception))
        {
            // A filter that needs PostgreSQL for its candidates.
        }

        throw Refusal.Unavailable("PostgreSQL cannot be reached, and the other tiers cannot answer this.");
    }
}
