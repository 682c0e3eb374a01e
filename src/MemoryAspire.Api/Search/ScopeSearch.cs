using MemoryAspire.Postgres.Searching;
using MemoryAspire.ServiceDefaults.Resilience;
using Microsoft.Extensions.Options;

namespace MemoryAspire.Api.Search;

/// <summary>
/// Searches a scope that is small enough to be looked at whole: every memory is ranked, so that whatever filter and ranking are
/// asked for, the best are the best.
/// </summary>
internal sealed class ScopeSearch(SearchReader reader, IndexSearch index, RowSearch rows, StorePipelines pipelines, IOptions<SearchOptions> options)
{
    /// <summary>Words of a scope that a misspelt one is compared with.</summary>
    private const int VocabularyMax = 50_000;

    /// <summary>So few memories with any of the words are a sign of a misspelt one.</summary>
    private const int FewMax = 10;

    /// <summary>Null when the scope is larger.</summary>
    public async Task<SearchPage?> FindAsync(SearchCall call, bool withIndex, CancellationToken cancellationToken)
    {
        var countMax = withIndex ? options.Value.ScopeMax : options.Value.ScopeMaxWithoutIndex;
        var semantic = !call.Vector.IsEmpty && call.Mode != SearchMode.Keyword;
        var query = new CandidateQuery(call.Tenant, call.Bounds.Scope, [], call.Vector);
        var asking = semantic && withIndex ? index.FindAsync(query, Math.Max(1, countMax), call.Consistency, cancellationToken) : Task.FromResult<Candidates?>(null);
        var page = await pipelines.PostgresRead.ExecuteAsync(
            async token =>
            {
                await using var snapshot = await reader.BeginAsync(token);
                var scope = await snapshot.ReadScopeAsync(call.Selection, call.Terms, call.Until, countMax + 1, token);
                if (scope.Count > countMax) return null;
                var compared = (await asking)?.Best ?? [];
                var (spelt, words) = call.Terms.Count == 0 ? (scope, null) : await SpellAsync(call, snapshot, scope, token);
                return await rows.FinishAsync(call, snapshot, spelt, semantic ? compared : null, words, true, token);
            },
            cancellationToken);
        await asking;
        return page;
    }

    /// <summary>The rows with their words' ranks, and what the words tell; with other words where those asked for are nowhere.</summary>
    private static async Task<(IReadOnlyList<SearchRow> Rows, WordStatistics Words)> SpellAsync(
        SearchCall call, SearchSnapshot snapshot, IReadOnlyList<SearchRow> scope, CancellationToken cancellationToken)
    {
        var few = Math.Min(call.Request.Count, FewMax);
        if (scope.Where(row => row.Ranks is not null).Take(few).Count() < few && scope.Count > 0)
        {
            var vocabulary = await snapshot.ReadVocabularyAsync(call.Selection, VocabularyMax, cancellationToken);
            var corrected = Spelling.Correct(call.Terms, term => scope.Any(row => WordStatistics.Has(row, term)), vocabulary);
            if (corrected is not null) scope = await snapshot.ReadScopeAsync(call.Selection, corrected, call.Until, scope.Count, cancellationToken);
        }

        return (scope, call.Request.Cursor?.Words is { } before && before.Weights.Count == call.Terms.Count
            ? before
            : WordStatistics.Of(scope, call.Terms.Count, scope.Count));
    }
}
