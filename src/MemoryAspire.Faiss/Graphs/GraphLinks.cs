using MemoryAspire.Faiss.Interop;

namespace MemoryAspire.Faiss.Graphs;

/// <summary>A graph's structure, as it is written to and read from a file.</summary>
public static class GraphLinks
{
    /// <summary>How many links a node of a level has: those of all its layers, from the lowest up, filled with -1.</summary>
    public static int SlotsOf(this VectorGraph graph, int level)
    {
        Native.GraphSlots(graph.Handle, level, out var slots).Check();
        return slots;
    }

    public static void ReadLevels(this VectorGraph graph, int first, Span<byte> levels) =>
        Native.GraphLevels(graph.Handle, first, levels.Length, levels).Check();

    /// <param name="limit">Links to nodes from this one on are left out: others may be linked while these are read.</param>
    public static void ReadLinks(this VectorGraph graph, int first, int count, int limit, Span<int> links) =>
        Native.GraphLinks(graph.Handle, first, count, limit, links, links.Length).Check();

    /// <summary>
    /// Begins to fill an empty graph with nodes of another, of which the first have links; the vectors of all and the links of
    /// these follow, and then <see cref="FinishRestoring"/>. Not for use beside searches.
    /// </summary>
    /// <param name="levels">Those of the linked nodes.</param>
    /// <exception cref="ArgumentException">This cannot be a graph's structure.</exception>
    public static void BeginRestoring(this VectorGraph graph, ReadOnlySpan<byte> levels, int count) =>
        Native.GraphRestore(graph.Handle, levels, levels.Length, count).Check();

    public static void RestoreVectors(this VectorGraph graph, int first, ReadOnlySpan<float> vectors) =>
        Native.GraphRestoreVectors(graph.Handle, first, vectors.Length / graph.Shape.Dimension, vectors, vectors.Length).Check();

    public static void RestoreLinks(this VectorGraph graph, int first, int count, ReadOnlySpan<int> links) =>
        Native.GraphRestoreLinks(graph.Handle, first, count, links, links.Length).Check();

    /// <summary>Checks that everything has come and every link points at a node, and makes the graph searchable.</summary>
    /// <exception cref="ArgumentException">This is not a graph.</exception>
    public static void FinishRestoring(this VectorGraph graph) => Native.GraphRestoreFinish(graph.Handle).Check();
}
