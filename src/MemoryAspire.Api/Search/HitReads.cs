using MemoryAspire.Api.Consistency;
using MemoryAspire.Api.Database;
using MemoryAspire.Api.Memories;
using MemoryAspire.Api.Problems;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Postgres.Memories;
using MemoryAspire.Redis.Values;
using MemoryAspire.ServiceDefaults.Resilience;

namespace MemoryAspire.Api.Search;

/// <summary>
/// Reads what the index names, so that content, version and score belong together: what no longer exists is
/// dropped, and what has changed is compared again with its present vector.
/// </summary>
internal sealed class HitReads(MemoryReader reader, MemoryReads reads, StorePipelines pipelines, DatabaseWatch watch)
{
    public async Task<IReadOnlyList<Found>> ReadAsync(
        string tenant, IReadOnlyList<Candidate> candidates, ReadOnlyMemory<float> vector, SearchRequest request, RequestConsistency consistency,
        CancellationToken cancellationToken)
    {
        if (candidates.Count == 0) return [];
        try
        {
            return await FromPostgresAsync(tenant, candidates, vector, consistency, cancellationToken);
        }
        catch (Exception exception) when (StoreFailures.IsPostgresAway(exception))
        {
            consistency.PassOver("postgres");
            if (request.Level == ReadLevel.Strong) throw Refusal.Unavailable("PostgreSQL cannot be reached, and strong reads need it.");
            return await FromRedisAsync(tenant, candidates, request.Level, consistency, cancellationToken);
        }
    }

    private async Task<IReadOnlyList<Found>> FromPostgresAsync(
        string tenant, IReadOnlyList<Candidate> candidates, ReadOnlyMemory<float> vector, RequestConsistency consistency, CancellationToken cancellationToken)
    {
        var ids = candidates.Select(candidate => candidate.Id).ToList();
        var rows = await GetAsync(tenant, ids, null, consistency, cancellationToken);
        var changed = candidates
            .Where(candidate => rows.TryGetValue(candidate.Id, out var row) && row.Record.Memory.Version != candidate.Version)
            .Select(candidate => candidate.Id)
            .ToList();
        var again = changed.Count == 0 ? null : await GetAsync(tenant, changed, watch.Current.Generation.Model, consistency, cancellationToken);

        var found = new List<Found>(candidates.Count);
        foreach (var candidate in candidates)
        {
            if (again is not null && again.TryGetValue(candidate.Id, out var present))
            {
                if (!present.Record.Vector.IsEmpty) found.Add(ExactSearch.Score(present, vector.Span));
            }
            else if (rows.TryGetValue(candidate.Id, out var row) && row.Record.Memory.Version == candidate.Version)
            {
                found.Add(Score(row.Record.Memory, candidate));
            }
        }

        return found;
    }

    private async Task<IReadOnlyDictionary<MemoryId, StoredMemory>> GetAsync(
        string tenant, List<MemoryId> ids, string? vectorsOf, RequestConsistency consistency, CancellationToken cancellationToken)
    {
        var (memories, heads) = await pipelines.PostgresRead.ExecuteAsync(
            async token => await reader.GetManyAsync(tenant, ids, vectorsOf, token), cancellationToken);
        consistency.See(heads);
        return memories;
    }

    /// <summary>Without PostgreSQL: what Redis holds in the version that was compared; the rest is left out.</summary>
    private async Task<IReadOnlyList<Found>> FromRedisAsync(
        string tenant, IReadOnlyList<Candidate> candidates, ReadLevel level, RequestConsistency consistency, CancellationToken cancellationToken)
    {
        var values = await Task.WhenAll(candidates.Select(candidate => reads.FromRedisAsync(tenant, candidate.Id, level, consistency, cancellationToken)));
        var found = new List<Found>(candidates.Count);
        foreach (var (candidate, value) in candidates.Zip(values))
        {
            if (value?.Version == candidate.Version) found.Add(Score(MemoryJson.Decode(value.Json.Span), candidate));
        }

        return found;
    }

    private static Found Score(Memory memory, Candidate candidate) =>
        new(memory, Math.Clamp(candidate.Similarity, 0, 1), candidate.Similarity);
}
