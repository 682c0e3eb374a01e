using MemoryAspire.Contracts.Identity;
using MemoryAspire.Faiss.Graphs;
using MemoryAspire.Index.Memories;
using MemoryAspire.Index.Segments;

namespace MemoryAspire.Index.Snapshots;

/// <summary>
/// What a snapshot holds, at one moment. Taking it needs the writer's lock and copies all that may change;
/// vectors do not, and are read while the writer goes on.
/// </summary>
internal sealed class SnapshotImage : IDisposable
{
    private const int LinkChunk = 1 << 14;

    private readonly IndexView _view;

    public SnapshotImage(IndexContents contents, long writtenAt)
    {
        _view = contents.TakeView();
        var graph = _view.Nodes.Graph;
        Changes = contents.Changes;
        Partitions = contents.Status().Partitions;
        Texts = contents.Texts.ToArray();
        Memories = contents.AllMemories();
        var nodes = graph.Count;
        Levels = new byte[graph.Linked];
        graph.ReadLevels(0, Levels);
        SlotsOfLevel = [.. Enumerable.Range(0, Levels.Length == 0 ? 0 : Levels.Max() + 1).Select(graph.SlotsOf)];
        Links = CopyLinks(graph);
        Header = new SnapshotHeader(contents.Identity, graph.Shape.Links, nodes, Levels.Length, Memories.Length, Texts.Length, writtenAt);
    }

    public SnapshotHeader Header { get; }

    /// <summary>The contents' count of changes when this was taken.</summary>
    public long Changes { get; }

    public PartitionState[] Partitions { get; }

    public string[] Texts { get; }

    public KeyValuePair<MemoryId, IndexedMemory>[] Memories { get; }

    public byte[] Levels { get; }

    public int[] SlotsOfLevel { get; }

    /// <summary>The links of the linked nodes in order, in several arrays.</summary>
    public IReadOnlyList<int[]> Links { get; }

    public void ReadVector(int node, Span<float> vector) => _view.Nodes.Graph.Read(node, vector);

    public void Dispose() => _view.GiveBack();

    private List<int[]> CopyLinks(VectorGraph graph)
    {
        var chunks = new List<int[]>();
        for (var first = 0; first < Levels.Length; first += LinkChunk)
        {
            var count = Math.Min(LinkChunk, Levels.Length - first);
            var links = new int[Levels.AsSpan(first, count).ToArray().Sum(level => SlotsOfLevel[level])];
            graph.ReadLinks(first, count, Levels.Length, links);
            chunks.Add(links);
        }

        return chunks;
    }
}
