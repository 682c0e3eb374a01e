using System.Numerics.Tensors;
using MemoryAspire.Api.Database;
using MemoryAspire.Api.Requests;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Postgres.Searching;

namespace MemoryAspire.Api.Search;

/// <summary>
/// Ranks rows of one snapshot and reads the best of them in the same one, so that content, version and score are of one state. A row
/// that the index has in another version, or not yet, is compared with its own vector.
/// </summary>
internal sealed class RowSearch(DatabaseWatch watch)
{
    /// <param name="compared">What the index has compared; null: there is nothing to compare with.</param>
    public async Task<SearchPage> FinishAsync(
        SearchCall call, SearchSnapshot snapshot, IReadOnlyList<SearchRow> rows, IReadOnlyList<Candidate>? compared, WordStatistics? words, bool isWhole, CancellationToken cancellationToken)
    {
        var similarities = compared is null ? new double?[rows.Count] : await CompareAsync(call, snapshot, rows, compared, cancellationToken);
        var ranked = RowRanking.Rank(call.Request, new RankingBasis(call.Mode, words, isWhole, call.Now), rows, similarities);
        var best = ranked.Take(call.Wanted).ToList();
        var memories = await snapshot.ReadMemoriesAsync(call.Tenant, [.. best.Select(one => one.Row.Id)], null, cancellationToken);
        var found = best
            .Where(one => memories.ContainsKey(one.Row.Id))
            .Select(one => new Found(memories[one.Row.Id].Record.Memory, one.Score, one.Similarity) { Explain = call.Request.Explain ? one.Parts : null })
            .ToList();
        call.Consistency.See(snapshot.Heads);

        // A part of a transaction shows all of it, in the other partitions too.
        foreach (var stored in memories.Values) call.Consistency.See(stored.Span);
        return call.Page(found, words);
    }

    private async Task<double?[]> CompareAsync(
        SearchCall call, SearchSnapshot snapshot, IReadOnlyList<SearchRow> rows, IReadOnlyList<Candidate> compared, CancellationToken cancellationToken)
    {
        var known = new Dictionary<MemoryId, Candidate>(compared.Count);
        foreach (var one in compared) known[one.Id] = one;
        var similarities = new double?[rows.Count];
        var missing = new List<MemoryId>();
        for (var at = 0; at < rows.Count; at++)
        {
            if (!rows[at].HasVector) continue;
            if (known.TryGetValue(rows[at].Id, out var one) && one.Version == rows[at].Version) similarities[at] = one.Similarity;
            else missing.Add(rows[at].Id);
        }

        if (missing.Count == 0) return similarities;
        var vectors = await snapshot.ReadMemoriesAsync(call.Tenant, missing, watch.Current.Generation.Model, cancellationToken);
        for (var at = 0; at < rows.Count; at++)
        {
            if (similarities[at] is not null || !vectors.TryGetValue(rows[at].Id, out var stored) || stored.Record.Vector.IsEmpty) continue;
            similarities[at] = Similarity(stored.Record.Vector.Span, call.Vector.Span);
        }

        return similarities;
    }

    public static float Similarity(ReadOnlySpan<byte> stored, ReadOnlySpan<float> vector) =>
        Math.Clamp(TensorPrimitives.CosineSimilarity(EmbeddingField.FromBytes(stored), vector), -1, 1);
}
