using MemoryAspire.Faiss.Graphs;

namespace MemoryAspire.Faiss.Tests;

public sealed class GraphTests
{
    private const int Dimension = 33;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void A_walk_finds_nearly_what_a_scan_finds()
    {
        using var graph = Graph(out var rows, out var vectors, out var list, 5_000);
        using (rows)
        {
            var found = 0;
            for (var i = 0; i < 100; i++)
            {
                var query = vectors.Next();
                var exact = graph.Scan(rows, list, query, Vectors.All(), 10, out var matched, Stop);
                var walked = graph.Walk(rows, query, Vectors.All(), 10, 64, long.MaxValue, out var end, Stop);
                Assert.Equal(5_000, matched);
                Assert.Equal(WalkEnd.Complete, end);
                found += exact.Select(hit => hit.Id).Intersect(walked.Select(hit => hit.Id)).Count();
            }

            Assert.InRange(found, 970, 1_000);
        }
    }

    [Fact]
    public void A_scan_gives_the_true_cosines_best_first()
    {
        using var graph = new VectorGraph(new GraphShape(Dimension, 100), 1);
        using var rows = new MemoryRows(graph, 1_000);
        var vectors = new Vectors(Dimension, 3);
        var all = Enumerable.Range(0, 100).Select(_ => vectors.Next()).ToArray();
        for (var i = 0; i < all.Length; i++) rows.Add(Vectors.Row(i, graph.Add(all[i])));
        var query = vectors.Next();
        var hits = graph.Scan(rows, [.. Enumerable.Range(0, 100)], query, Vectors.All(), 100, out _, Stop);
        var expected = all.Select((vector, i) => (Id: Vectors.Id(i), Cosine: Vectors.Cosine(query, vector))).OrderByDescending(pair => pair.Cosine).ToArray();
        Assert.Equal(expected.Select(pair => pair.Id), hits.Select(hit => hit.Id));
        Assert.All(expected.Zip(hits), pair => Assert.Equal(pair.First.Cosine, pair.Second.Similarity, 5));
    }

    [Fact]
    public void A_walk_gives_only_rows_that_pass_and_all_of_a_chain()
    {
        using var graph = Graph(out var rows, out var vectors, out _, 2_000);
        using (rows)
        {
            var vector = vectors.Next();
            var node = graph.Add(vector);
            for (var i = 0; i < 7; i++) rows.Add(Vectors.Row(10_000 + i, node, tenant: 2));
            rows.Add(Vectors.Row(20_000, node, tenant: 3));
            var hits = graph.Walk(rows, vector, Vectors.All(tenant: 2), 10, 64, long.MaxValue, out _, Stop);
            Assert.Equal(Enumerable.Range(10_000, 7).Select(Vectors.Id).Order(), hits.Select(hit => hit.Id).Order());
        }
    }

    [Fact]
    public void What_is_not_linked_is_found_all_the_same()
    {
        using var graph = new VectorGraph(new GraphShape(Dimension, 2_000), 1);
        using var rows = new MemoryRows(graph, 2_000);
        var vectors = new Vectors(Dimension, 4);
        int[] list = [.. Enumerable.Range(0, 2_000).Select(i => rows.Add(Vectors.Row(i, graph.Add(vectors.Next()))))];
        var queries = Enumerable.Range(0, 20).Select(_ => vectors.Next()).ToArray();
        foreach (var left in new[] { 2_000, 1_999, 1_000, 1, 0 })
        {
            Assert.Equal(left, graph.Link(graph.Link(0) - left));
            foreach (var query in queries)
            {
                var newest = graph.Scan(rows, list.AsSpan(2_000 - left), query, Vectors.All(), 10, out _, Stop);
                var walked = graph.Walk(rows, query, Vectors.All(), 10, 64, long.MaxValue, out _, Stop);
                Assert.Equal(10, walked.Length);
                Assert.All(newest.Where(hit => hit.Similarity > walked[^1].Similarity), hit => Assert.Contains(hit, walked));
            }
        }
    }

    [Fact]
    public void A_snapshot_sees_a_row_from_its_birth_to_its_end()
    {
        using var graph = new VectorGraph(new GraphShape(2, 10), 1);
        using var rows = new MemoryRows(graph, 10);
        var row = rows.Add(Vectors.Row(1, graph.Add([1, 0]), born: 5));
        rows.End(row, 8);
        long Seen(ulong snapshot) => rows.CountPassing([row], Vectors.All(snapshot: snapshot));
        Assert.Equal([0, 1, 1, 0, 0], [Seen(4), Seen(5), Seen(7), Seen(8), Seen(9)]);
    }

    [Fact]
    public void A_budget_ends_a_walk()
    {
        using var graph = Graph(out var rows, out var vectors, out _, 2_000);
        using (rows)
        {
            graph.Walk(rows, vectors.Next(), Vectors.All(tenant: 9), 10, 64, 100, out var end, Stop);
            Assert.Equal(WalkEnd.Cut, end);
        }
    }

    [Fact]
    public void What_is_read_and_restored_searches_the_same_and_grows_on()
    {
        using var graph = Graph(out var rows, out var vectors, out var list, 3_000);
        using var copy = new VectorGraph(graph.Shape, 1);
        using (rows)
        {
            var levels = new byte[graph.Count];
            graph.ReadLevels(0, levels);
            copy.BeginRestoring(levels, levels.Length);
            var vector = new float[Dimension];
            for (var node = 0; node < levels.Length; node++)
            {
                graph.Read(node, vector);
                copy.RestoreVectors(node, vector);
                var links = new int[graph.SlotsOf(levels[node])];
                graph.ReadLinks(node, 1, levels.Length, links);
                copy.RestoreLinks(node, 1, links);
            }

            copy.FinishRestoring();
            var query = vectors.Next();
            Assert.Equal(
                graph.Walk(rows, query, Vectors.All(), 10, 64, long.MaxValue, out _, Stop),
                copy.Walk(rows, query, Vectors.All(), 10, 64, long.MaxValue, out _, Stop));
            Assert.Equal(3_000, copy.Add(vectors.Next()));
        }
    }

    [Fact]
    public void What_had_no_links_yet_is_restored_without_and_found_all_the_same()
    {
        const int Linked = 700, Count = 1_000;
        using var graph = new VectorGraph(new GraphShape(Dimension, Count), 1);
        using var copy = new VectorGraph(graph.Shape, 1);
        var vectors = new Vectors(Dimension, 6);
        var all = Enumerable.Range(0, Count).Select(_ => vectors.Next()).ToArray();
        foreach (var vector in all) graph.Add(vector);
        graph.Link(Linked);
        var levels = new byte[Linked];
        graph.ReadLevels(0, levels);

        // Nodes that are linked while links are read are not among those that were to be read.
        graph.Link(100);
        copy.BeginRestoring(levels, Count);
        for (var node = 0; node < Count; node++) copy.RestoreVectors(node, all[node]);
        for (var node = 0; node < Linked; node++)
        {
            var links = new int[graph.SlotsOf(levels[node])];
            graph.ReadLinks(node, 1, Linked, links);
            Assert.All(links, link => Assert.InRange(link, -1, Linked - 1));
            copy.RestoreLinks(node, 1, links);
        }

        copy.FinishRestoring();
        Assert.Equal((Count, Linked), (copy.Count, copy.Linked));
        using var rows = new MemoryRows(copy, Count);
        for (var i = 0; i < Count; i++) rows.Add(Vectors.Row(i, i));
        for (var i = Linked; i < Count; i++) Assert.Equal(Vectors.Id(i), copy.Walk(rows, all[i], Vectors.All(), 1, 64, long.MaxValue, out _, Stop)[0].Id);
        copy.LinkAll(Stop);
        Assert.Equal(Count, copy.Linked);
    }

    [Fact]
    public void A_cancelled_search_ends_inside_its_loop()
    {
        const int Count = 20_000;
        using var graph = Graph(out var rows, out var vectors, out var list, Count);
        using (rows)
        {
            int[] longer = [.. Enumerable.Repeat(list, 50).SelectMany(rows => rows)];
            using var cancelled = new CancellationTokenSource();
            cancelled.Cancel();
            Assert.Throws<OperationCanceledException>(() => graph.Scan(rows, list, vectors.Next(), Vectors.All(), 10, out _, cancelled.Token));
            Assert.Throws<OperationCanceledException>(() => graph.Walk(rows, vectors.Next(), Vectors.All(), 10, 64, long.MaxValue, out _, cancelled.Token));

            // The cancellation comes while the native loop runs: a million comparisons take longer than it needs to come.
            using var soon = new CancellationTokenSource();
            var query = vectors.Next();
            var scan = Task.Run(
            () =>
            {
                while (true) graph.Scan(rows, longer, query, Vectors.All(), 10, out _, soon.Token);
            },
            Stop);
            soon.CancelAfter(1);
            Assert.Throws<OperationCanceledException>(() => scan.GetAwaiter().GetResult());
        }
    }

    [Fact]
    public void Times_and_a_least_similarity_limit_both_ways_of_searching()
    {
        const int Count = 3_000;
        using var graph = new VectorGraph(new GraphShape(Dimension, Count), 1);
        using var rows = new MemoryRows(graph, Count);
        var vectors = new Vectors(Dimension, 8);
        var all = Enumerable.Range(0, Count).Select(_ => vectors.Next()).ToArray();
        int[] list = [.. Enumerable.Range(0, Count).Select(i => rows.Add(Vectors.Row(i, graph.Add(all[i])) with { Created = i, Updated = 10 * i }))];
        graph.LinkAll(Stop);
        var query = vectors.Next();
        var filter = Vectors.All() with { Created = new TimeRange(500, 2_500), Updated = new TimeRange(10_000, 20_010), Least = 0.2f };
        var expected = Enumerable.Range(1_000, 1_001).Where(i => Vectors.Cosine(query, all[i]) >= 0.2).Select(Vectors.Id).Order().ToArray();
        Assert.InRange(expected.Length, 10, 900);
        var scanned = graph.Scan(rows, list, query, filter, Count, out var matched, Stop);
        Assert.Equal(expected, scanned.Select(hit => hit.Id).Order());
        Assert.Equal(expected.Length, matched);
        var walked = graph.Walk(rows, query, filter, Count, Count, long.MaxValue, out var end, Stop);
        Assert.Equal(WalkEnd.OutOfRange, end);
        Assert.All(walked, hit => Assert.InRange(hit.Similarity, 0.2f, 1));
        Assert.InRange(walked.Select(hit => hit.Id).Intersect(expected).Count(), expected.Length * 98 / 100, expected.Length);
        Assert.Empty(walked.Select(hit => hit.Id).Except(expected));
    }

    [Fact]
    public void Three_thousand_memories_of_one_vector_do_not_hide_the_others()
    {
        const int Others = 3_000, Copies = 3_000;
        using var graph = new VectorGraph(new GraphShape(Dimension, Others + 1), 1);
        using var rows = new MemoryRows(graph, Others + Copies);
        var vectors = new Vectors(Dimension, 7);
        var all = Enumerable.Range(0, Others).Select(_ => vectors.Next()).ToArray();
        for (var i = 0; i < Others; i++) rows.Add(Vectors.Row(i, graph.Add(all[i])));
        var copied = graph.Add(vectors.Next());
        for (var i = 0; i < Copies; i++) rows.Add(Vectors.Row(Others + i, copied));
        graph.LinkAll(Stop);
        var found = Enumerable.Range(0, Others).Count(i => graph.Walk(rows, all[i], Vectors.All(), 1, 64, long.MaxValue, out _, Stop)[0].Id == Vectors.Id(i));
        Assert.InRange(found, Others * 99 / 100, Others);
    }

    [Fact]
    public void Links_that_point_at_nothing_are_refused()
    {
        using var copy = new VectorGraph(new GraphShape(2, 10), 1);
        copy.BeginRestoring([0, 0], 2);
        copy.RestoreVectors(0, [1, 0, 0, 1]);
        var links = Enumerable.Repeat(-1, 2 * copy.SlotsOf(0)).ToArray();
        links[0] = 2;
        copy.RestoreLinks(0, 2, links);
        Assert.Throws<ArgumentException>(copy.FinishRestoring);
        Assert.Equal(0, copy.Count);
    }

    [Theory]
    [InlineData(new float[] { 1, float.NaN })]
    [InlineData(new float[] { 1, float.PositiveInfinity })]
    [InlineData(new float[] { 0, 0 })]
    [InlineData(new float[] { 1 })]
    [InlineData(new float[] { 1, 2, 3 })]
    [InlineData(new float[] { })]
    public void A_wrong_vector_is_refused_and_changes_nothing(float[] vector)
    {
        using var graph = new VectorGraph(new GraphShape(2, 10), 1);
        using var rows = new MemoryRows(graph, 10);
        Assert.Throws<ArgumentException>(() => graph.Add(vector));
        Assert.Throws<ArgumentException>(() => graph.Scan(rows, [], vector, Vectors.All(), 1, out _, Stop));
        Assert.Throws<ArgumentException>(() => graph.Walk(rows, vector, Vectors.All(), 1, 8, 100, out _, Stop));
        Assert.Equal(0, graph.Count);
        Assert.Equal(0, graph.Add([1, 2]));
    }

    [Fact]
    public void What_does_not_fit_is_refused_and_the_rest_stands()
    {
        using var graph = new VectorGraph(new GraphShape(2, 2), 1);
        using var rows = new MemoryRows(graph, 2);
        graph.Add([1, 0]);
        graph.Add([0, 1]);
        Assert.Throws<CapacityExceededException>(() => graph.Add([1, 1]));
        rows.Add(Vectors.Row(1, 0));
        rows.Add(Vectors.Row(2, 1));
        Assert.Throws<CapacityExceededException>(() => rows.Add(Vectors.Row(3, 1)));
        Assert.Equal(Vectors.Id(2), Assert.Single(graph.Scan(rows, [0, 1], [0, 1], Vectors.All(), 1, out _, Stop)).Id);
    }

    [Fact]
    public void Wrong_numbers_are_refused()
    {
        using var graph = new VectorGraph(new GraphShape(2, 2), 1);
        using var rows = new MemoryRows(graph, 2);
        Assert.Throws<ArgumentException>(() => rows.Add(Vectors.Row(1, 2)));
        Assert.Throws<ArgumentException>(() => rows.Add(Vectors.Row(1, -1)));
        Assert.Throws<ArgumentException>(() => rows.Add(Vectors.Row(1, 0, tenant: 0)));
        Assert.Throws<ArgumentException>(() => rows.End(0, 1));
        Assert.Throws<ArgumentException>(() => graph.Read(0, new float[2]));
        Assert.Throws<ArgumentException>(() => graph.Scan(rows, [0], [1, 0], Vectors.All(), 1, out _, Stop));
        Assert.Throws<ArgumentException>(() => graph.Scan(rows, [], [1, 0], Vectors.All(tenant: 0), 1, out _, Stop));
        Assert.Throws<ArgumentException>(() => new VectorGraph(new GraphShape(0, 2), 1));
        Assert.Throws<ArgumentException>(() => new VectorGraph(new GraphShape(2, 0), 1));
    }

    [Fact]
    public async Task Searches_run_beside_additions()
    {
        const int Count = 20_000;
        using var graph = new VectorGraph(new GraphShape(Dimension, Count, 8, 40), 1);
        using var rows = new MemoryRows(graph, Count);
        var vectors = new Vectors(Dimension, 5);
        var queries = Enumerable.Range(0, 64).Select(_ => vectors.Next()).ToArray();
        var done = false;
        var searching = Enumerable.Range(0, 2).Select(worker => Task.Run(() =>
        {
            for (var i = worker; !Volatile.Read(ref done); i++)
            {
                var hits = graph.Walk(rows, queries[i % queries.Length], Vectors.All(), 10, 32, long.MaxValue, out _, Stop);
                Assert.Equal(hits.OrderByDescending(hit => hit.Similarity), hits);
                Assert.Equal(hits.Length, hits.Select(hit => hit.Id).Distinct().Count());
            }
        })).ToArray();
        var linking = Task.Run(
            () =>
            {
                while (!Volatile.Read(ref done)) graph.Link(8);
            },
            Stop);
        for (var i = 0; i < Count; i++) rows.Add(Vectors.Row(i, graph.Add(vectors.Next())));
        graph.LinkAll(Stop);
        Volatile.Write(ref done, true);
        await Task.WhenAll([linking, .. searching]);
        Assert.Equal((Count, 0), (graph.Count, graph.Link(0)));
    }

    private static VectorGraph Graph(out MemoryRows rows, out Vectors vectors, out int[] list, int count)
    {
        var graph = new VectorGraph(new GraphShape(Dimension, count + 100), 1);
        rows = new MemoryRows(graph, count + 1_000);
        vectors = new Vectors(Dimension, 2);
        list = new int[count];
        for (var i = 0; i < count; i++) list[i] = rows.Add(Vectors.Row(i, graph.Add(vectors.Next())));
        graph.LinkAll(Stop);
        return graph;
    }
}
