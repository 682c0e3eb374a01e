using MemoryAspire.Api.Database;
using MemoryAspire.Api.Memories;
using MemoryAspire.Api.Problems;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Filters;
using MemoryAspire.Postgres.Memories;
using MemoryAspire.Redis.Values;
using MemoryAspire.ServiceDefaults.Resilience;

namespace MemoryAspire.Api.Search;

/// <summary>
/// Reads what the index names, so that content, version and score belong together: what no longer exists or no longer matches is
/// dropped, and what has changed is compared again with its present vector.
/// </summary>
internal sealed class HitReads(MemoryReader reader, MemoryReads reads, StorePipelines pipelines, DatabaseWatch watch)
{
    /// <summary>Digits of a score, as everywhere.</summary>
    private const int Digits = 6;

    public async Task<IReadOnlyList<Found>> ReadAsync(SearchCall call, IReadOnlyList<Candidate> candidates, CancellationToken cancellationToken)
    {
        if (candidates.Count == 0) return [];
        var found = await ReadAllAsync(call, candidates, cancellationToken);
        return [.. found.Where(one => Matches(call, one))];
    }

    private static bool Matches(SearchCall call, Found one) =>
        one.Score >= call.Request.MinScore
        && (call.Until is not { } until || one.Memory.CreatedAt <= until)
        && call.Request.Filter?.Matches(one.Memory) != false;

    private async Task<IReadOnlyList<Found>> ReadAllAsync(SearchCall call, IReadOnlyList<Candidate> candidates, CancellationToken cancellationToken)
    {
        try
        {
            return await FromPostgresAsync(call, candidates, cancellationToken);
        }
        catch (Exception exception) when (StoreFailures.IsPostgresAway(exception))
        {
            call.Consistency.PassOver("postgres");
            if (call.Request.Level == ReadLevel.Strong) throw Refusal.Unavailable("PostgreSQL cannot be reached, and strong reads need it.");
            return await FromRedisAsync(call, candidates, cancellationToken);
        }
    }

    private async Task<IReadOnlyList<Found>> FromPostgresAsync(SearchCall call, IReadOnlyList<Candidate> candidates, CancellationToken cancellationToken)
    {
        var ids = candidates.Select(candidate => candidate.Id).ToList();
        var rows = await GetAsync(call, ids, null, cancellationToken);
        var changed = candidates
            .Where(candidate => rows.TryGetValue(candidate.Id, out var row) && row.Record.Memory.Version != candidate.Version)
            .Select(candidate => candidate.Id)
            .ToList();
        var again = changed.Count == 0 ? null : await GetAsync(call, changed, watch.Current.Generation.Model, cancellationToken);

        var found = new List<Found>(candidates.Count);
        foreach (var candidate in candidates)
        {
            if (again is not null && again.TryGetValue(candidate.Id, out var present))
            {
                if (!present.Record.Vector.IsEmpty) found.Add(Score(call, present.Record.Memory, RowSearch.Similarity(present.Record.Vector.Span, call.Vector.Span)));
            }
            else if (rows.TryGetValue(candidate.Id, out var row) && row.Record.Memory.Version == candidate.Version)
            {
                found.Add(Score(call, row.Record.Memory, candidate.Similarity));
            }
        }

        return found;
    }

    private async Task<IReadOnlyDictionary<MemoryId, StoredMemory>> GetAsync(
        SearchCall call, List<MemoryId> ids, string? vectorsOf, CancellationToken cancellationToken)
    {
        var (memories, heads) = await pipelines.PostgresRead.ExecuteAsync(
            async token => await reader.GetManyAsync(call.Tenant, ids, vectorsOf, token), cancellationToken);
        call.Consistency.See(heads);

        // A part of a transaction shows all of it, in the other partitions too.
        foreach (var stored in memories.Values) call.Consistency.See(stored.Span);
        return memories;
    }

    /// <summary>Without PostgreSQL: what Redis holds in the version that was compared; the rest is left out.</summary>
    private async Task<IReadOnlyList<Found>> FromRedisAsync(SearchCall call, IReadOnlyList<Candidate> candidates, CancellationToken cancellationToken)
    {
        var values = await Task.WhenAll(candidates.Select(candidate => reads.FromRedisAsync(call.Tenant, candidate.Id, call.Request.Level, call.Consistency, cancellationToken)));
        var found = new List<Found>(candidates.Count);
        foreach (var (candidate, value) in candidates.Zip(values))
        {
            if (value?.Version == candidate.Version) found.Add(Score(call, MemoryJson.Decode(value.Json.Span), candidate.Similarity));
        }

        return found;
    }

    private static Found Score(SearchCall call, Memory memory, float similarity)
    {
        var match = Math.Clamp(similarity, 0, 1);
        var recency = call.Request.Ranking.RecencyOf(memory.UpdatedAt, call.Now);
        var score = Math.Round(call.Request.Ranking.Score(match, recency, memory.Importance), Digits);
        return new Found(memory, score, similarity)
        {
            Explain = call.Request.Explain ? new ScoreParts(match, null, null, match, recency, memory.Importance) : null,
        };
    }
}
