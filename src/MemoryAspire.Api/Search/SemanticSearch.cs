using MemoryAspire.Api.Consistency;
using MemoryAspire.Api.Problems;
using MemoryAspire.ServiceDefaults.Resilience;

namespace MemoryAspire.Api.Search;

/// <summary>
/// The k nearest memories of a scope. As long as what the index names turns out to be gone, it is asked for more,
/// so that k results come back whenever k match.
/// </summary>
internal sealed class SemanticSearch(IndexSearch index, ExactSearch exact, HitReads reads)
{
    private const int Growth = 4;

    public async Task<IReadOnlyList<Found>> FindAsync(
        string tenant, SearchRequest request, ReadOnlyMemory<float> vector, RequestConsistency consistency, CancellationToken cancellationToken)
    {
        for (var count = request.Count; ; count *= Growth)
        {
            var candidates = await index.FindAsync(tenant, request.Scope, vector, count, consistency, cancellationToken);
            if (candidates is null) return await WithoutIndexAsync(tenant, request, vector, consistency, cancellationToken);
            var found = await reads.ReadAsync(tenant, candidates.Best, vector, request, consistency, cancellationToken);
            if (found.Count < request.Count && !candidates.Exhausted && count < IndexSearch.CountMax) continue;
            return
            [
                .. found
                    .Where(one => one.Score >= request.MinScore)
                    .OrderByDescending(one => one.Similarity)
                    .ThenByDescending(one => one.Memory.Id)
                    .Take(request.Count),
            ];
        }
    }

    private async Task<IReadOnlyList<Found>> WithoutIndexAsync(
        string tenant, SearchRequest request, ReadOnlyMemory<float> vector, RequestConsistency consistency, CancellationToken cancellationToken)
    {
        try
        {
            return await exact.FindAsync(tenant, request, vector, consistency, cancellationToken);
        }
        catch (Exception exception) when (StoreFailures.IsPostgresAway(exception))
        {
            consistency.PassOver("postgres");
            throw Refusal.Unavailable("Neither the index nor PostgreSQL can be reached.");
        }
    }
}
