using MemoryAspire.Faiss.Graphs;

namespace MemoryAspire.Index.Segments;

/// <summary>
/// Builds a graph of the nodes that are used, beside the one that serves. Rounds without the writer's lock
/// shrink what is left, until the rest is small enough to be added under it.
/// </summary>
internal sealed class GraphRebuild(IndexContents contents, GraphShape shape) : IDisposable
{
    /// <summary>So few nodes may be added while the writer waits.</summary>
    public const int RestMax = 64;

    private readonly IndexView _from = contents.TakeView();
    private readonly NodeTable _to = new(shape, IndexContents.SeedOf(contents.Identity));
    private readonly Dictionary<int, int> _moved = [];

    /// <summary>Whether the graph it is taken from still serves. Needs the writer's lock.</summary>
    public bool IsCurrent => contents.View.Nodes == _from.Nodes;

    /// <summary>The nodes still to be taken over. Needs the writer's lock.</summary>
    public List<int> Missing()
    {
        var missing = new List<int>();
        for (var node = 0; node < _from.Nodes.Count; node++)
        {
            if (_from.Nodes.IsUsed(node) && !_moved.ContainsKey(node)) missing.Add(node);
        }

        return missing;
    }

    /// <summary>Takes nodes over. Needs no lock: vectors do not change.</summary>
    public void Take(IReadOnlyList<int> missing, CancellationToken cancellationToken)
    {
        var vector = new float[shape.Dimension];
        foreach (var node in missing)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _from.Nodes.Graph.Read(node, vector);
            _moved[node] = _to.Add(vector);
        }

        _to.Graph.LinkAll(cancellationToken);
    }

    /// <summary>Puts the new graph in the old one's place. Needs the writer's lock, and nothing missing.</summary>
    public void Finish() => contents.Replace(_to, _moved);

    public void Dispose()
    {
        _to.GiveBack();
        _from.GiveBack();
    }
}
