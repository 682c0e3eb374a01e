using MemoryAspire.Faiss.Interop;

namespace MemoryAspire.Faiss.Graphs;

/// <summary>How a graph is built.</summary>
/// <param name="Capacity">Nodes at most. Address space is reserved for them; memory is taken as they come.</param>
/// <param name="Links">HNSW's M: links per node in the upper layers, twice as many in the lowest.</param>
/// <param name="BuildBreadth">HNSW's efConstruction.</param>
public sealed record GraphShape(int Dimension, int Capacity, int Links = 16, int BuildBreadth = 100);

/// <summary>
/// Distinct vectors, one node each, numbered 0, 1, 2, … and linked as a FAISS HNSW in that order, which searches compare one by
/// one until then. Nodes are never removed. Additions queue for one writer, and linking for another; searches run beside both.
/// </summary>
public sealed class VectorGraph : IDisposable
{
    /// <summary>Nodes linked between two looks at whether to go on.</summary>
    private const int LinksBetweenLooks = 64;

    internal readonly GraphHandle Handle;

    public VectorGraph(GraphShape shape, long seed)
    {
        Shape = shape;
        Native.GraphCreate(shape.Dimension, shape.Capacity, shape.Links, shape.BuildBreadth, seed, out Handle).Check();
    }

    public GraphShape Shape { get; }

    /// <summary>How many nodes can be searched.</summary>
    public int Count
    {
        get
        {
            Native.GraphCount(Handle, out var count).Check();
            return count;
        }
    }

    /// <summary>How many have links: the first of them.</summary>
    public int Linked
    {
        get
        {
            Native.GraphLinked(Handle, out var linked).Check();
            return linked;
        }
    }

    /// <summary>
    /// Adds a vector of any length but zero, and returns its node: it is found at once, and the cheaper the sooner it is linked.
    /// </summary>
    /// <exception cref="ArgumentException">Its dimension is another, or a part is not finite, or it has no length.</exception>
    /// <exception cref="CapacityExceededException">The capacity is used up.</exception>
    public int Add(ReadOnlySpan<float> vector)
    {
        Native.GraphAdd(Handle, vector, vector.Length, out var node).Check();
        return node;
    }

    /// <summary>Links so many nodes at most; returns how many are left.</summary>
    public int Link(int most)
    {
        Native.GraphLink(Handle, most, out var unlinked).Check();
        return unlinked;
    }

    /// <summary>Links all nodes that there are.</summary>
    public void LinkAll(CancellationToken cancellationToken)
    {
        while (Link(LinksBetweenLooks) > 0) cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Makes the calling thread one that gives way to all others; it stays so.</summary>
    public static void YieldToOthers() => Native.YieldToOthers().Check();

    /// <summary>Reads the vectors of nodes that follow each other, exactly as they were added.</summary>
    public void Read(int first, Span<float> vectors)
    {
        var count = Math.DivRem(vectors.Length, Shape.Dimension, out var rest);
        ArgumentOutOfRangeException.ThrowIfNotEqual(rest, 0, nameof(vectors));
        Native.GraphVectors(Handle, first, count, vectors, vectors.Length).Check();
    }

    public void Dispose() => Handle.Dispose();
}
