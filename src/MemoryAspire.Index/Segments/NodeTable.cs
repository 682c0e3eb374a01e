using System.IO.Hashing;
using System.Runtime.InteropServices;
using MemoryAspire.Faiss.Graphs;

namespace MemoryAspire.Index.Segments;

/// <summary>
/// A graph with the writer's knowledge of it: one node per distinct vector, and how many live memories each
/// has. Copies of one vector would crowd out its neighbours.
/// </summary>
internal sealed class NodeTable(GraphShape shape, long seed) : Shared
{
    private readonly Dictionary<UInt128, int> _byVector = [];
    private readonly List<int> _uses = [];
    private readonly float[] _vector = new float[shape.Dimension];

    public VectorGraph Graph { get; } = new(shape, seed);

    public int Count => _uses.Count;

    /// <summary>Nodes that no live memory has.</summary>
    public int Dead { get; private set; }

    public bool IsFull => _uses.Count >= shape.Capacity;

    /// <summary>The node of a vector, if there is one.</summary>
    public bool TryFind(ReadOnlySpan<float> vector, out int node)
    {
        if (!_byVector.TryGetValue(Hash(vector), out node)) return false;
        Graph.Read(node, _vector);
        return MemoryMarshal.AsBytes(vector).SequenceEqual(MemoryMarshal.AsBytes(_vector.AsSpan()));
    }

    /// <summary>The node of a vector, added if need be. It is dead until it is used.</summary>
    public int FindOrAdd(ReadOnlySpan<float> vector) => TryFind(vector, out var node) ? node : Add(vector);

    public int Add(ReadOnlySpan<float> vector)
    {
        var node = Graph.Add(vector);
        Register(node, vector);
        return node;
    }

    /// <summary>Makes known a node that the graph has already.</summary>
    public void Register(int node, ReadOnlySpan<float> vector)
    {
        if (node != _uses.Count) throw new InvalidOperationException($"Node {node} came after {_uses.Count} nodes.");
        _uses.Add(0);
        Dead++;
        _byVector.TryAdd(Hash(vector), node);
    }

    public void Use(int node)
    {
        if (_uses[node]++ == 0) Dead--;
    }

    public void Release(int node)
    {
        if (--_uses[node] == 0) Dead++;
    }

    public bool IsUsed(int node) => _uses[node] > 0;

    private static UInt128 Hash(ReadOnlySpan<float> vector) => XxHash128.HashToUInt128(MemoryMarshal.AsBytes(vector));

    protected override void Free() => Graph.Dispose();
}
