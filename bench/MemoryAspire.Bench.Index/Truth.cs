namespace MemoryAspire.Bench.Index;

/// <summary>The true answers, by comparing everything.</summary>
internal sealed class Truth(int k, int[][] nearest)
{
    public int K => k;

    /// <summary>How much of the true answers is among these, 0..1: k numbers per query.</summary>
    public double Recall(ReadOnlySpan<int> found)
    {
        var hits = 0;
        for (var query = 0; query < nearest.Length; query++) hits += nearest[query].Intersect(found.Slice(query * k, k).ToArray()).Count();
        return hits / (double)(nearest.Length * k);
    }
}
