using System.Runtime.InteropServices;
using MemoryAspire.Faiss.Graphs;

namespace MemoryAspire.Bench.Index.Measures;

/// <summary>Our own graph on the vectors, by one thread, like the baselines; it also knows the true answers.</summary>
internal sealed class OwnGraph : IDisposable
{
    private static readonly RowFilter Everything = new(1, 0, 0, 0, ulong.MaxValue, 0, 1);

    private readonly VectorSet _set;
    private readonly VectorGraph _graph;
    private readonly MemoryRows _rows;
    private readonly double _buildSeconds;

    public OwnGraph(VectorSet set, int links, int construction)
    {
        _set = set;
        _graph = new VectorGraph(new GraphShape(set.Dimension, set.Count, links, construction), seed: 1);
        _rows = new MemoryRows(_graph, set.Count);
        foreach (var vector in set.Read())
        {
            var begun = ProcessorTime.Seconds;
            var node = _graph.Add(MemoryMarshal.Cast<byte, float>(vector));
            _buildSeconds += ProcessorTime.Seconds - begun;
            _rows.Add(new MemoryRow(Guid.Empty, node + 1, node, 1, 0, 0, 0, 0, long.MaxValue, 0));
        }

        var linking = ProcessorTime.Seconds;
        _graph.LinkAll(CancellationToken.None);
        _buildSeconds += ProcessorTime.Seconds - linking;
    }

    public Truth FindTruth(int k)
    {
        var all = Enumerable.Range(0, _set.Count).ToArray();
        return new Truth(k, [.. Enumerable.Range(0, Queries).Select(query => Numbers(_graph.Scan(_rows, all, _set.Query(query), Everything, k, out _)))]);
    }

    public Curve Measure(Truth truth, IEnumerable<int> breadths)
    {
        var points = breadths.Select(breadth =>
        {
            var found = new RowHit[Queries][];
            var begun = ProcessorTime.Seconds;
            for (var query = 0; query < found.Length; query++) found[query] = _graph.Walk(_rows, _set.Query(query), Everything, truth.K, breadth, long.MaxValue, out _);
            var seconds = ProcessorTime.Seconds - begun;
            return (breadth, truth.Recall([.. found.SelectMany(Numbers)]), Queries / seconds);
        });
        return new Curve("MemoryAspire", _buildSeconds, [.. points]);
    }

    public void Dispose()
    {
        _rows.Dispose();
        _graph.Dispose();
    }

    private int Queries => _set.Queries.Length / _set.Dimension;

    private static int[] Numbers(RowHit[] hits) => [.. hits.Select(hit => (int)hit.Version - 1)];
}
