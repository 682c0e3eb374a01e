using MemoryAspire.Faiss.Interop;

namespace MemoryAspire.Faiss.Graphs;

/// <summary>A memory found.</summary>
/// <param name="Similarity">Cosine, -1..1.</param>
public readonly record struct RowHit(Guid Id, long Version, float Similarity);

/// <summary>How a walk ended.</summary>
public enum WalkEnd
{
    /// <summary>Its budget ran out.</summary>
    Cut = 0,

    /// <summary>Nothing nearer was in its way.</summary>
    Complete = 1,

    /// <summary>So, and it met what is not similar enough: there is no more that is, nearly.</summary>
    OutOfRange = 2,
}

/// <summary>
/// The two ways to the rows nearest to a query, best first. A query may have any length but zero. Both end soon after they are
/// cancelled.
/// </summary>
public static class NearestRows
{
    /// <summary>The best of the rows listed that pass: exact.</summary>
    /// <param name="matched">How many passed and are similar enough.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static unsafe RowHit[] Scan(
        this VectorGraph graph, MemoryRows rows, ReadOnlySpan<int> list, ReadOnlySpan<float> query, in RowFilter filter, int k, out long matched, CancellationToken cancellationToken = default)
    {
        var hits = new NativeHit[Math.Min(k, Math.Max(1, list.Length))];
        using var stop = new StopSign(cancellationToken);
        Native.Scan(graph.Handle, rows.Handle, list, list.Length, query, query.Length, filter.ToNative(), hits.Length, stop.Address, hits, out var count, out matched).Check();
        return Read(hits.AsSpan(0, count));
    }

    /// <summary>The best rows that pass, met on a walk along the graph: nearly exact.</summary>
    /// <param name="breadth">HNSW's efSearch; at least k.</param>
    /// <param name="budget">Distances at most.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static unsafe RowHit[] Walk(
        this VectorGraph graph, MemoryRows rows, ReadOnlySpan<float> query, in RowFilter filter, int k, int breadth, long budget, out WalkEnd end, CancellationToken cancellationToken = default)
    {
        var hits = new NativeHit[k];
        using var stop = new StopSign(cancellationToken);
        Native.Walk(graph.Handle, rows.Handle, query, query.Length, filter.ToNative(), k, breadth, budget, stop.Address, hits, out var count, out var done).Check();
        end = (WalkEnd)done;
        return Read(hits.AsSpan(0, count));
    }

    private static RowHit[] Read(ReadOnlySpan<NativeHit> hits)
    {
        var read = new RowHit[hits.Length];
        for (var i = 0; i < hits.Length; i++) read[i] = new RowHit(new Guid(hits[i].Id, bigEndian: true), hits[i].Version, hits[i].Similarity);
        return read;
    }
}
