using MemoryAspire.Contracts.Memories;
using MemoryAspire.Faiss.Graphs;
using MemoryAspire.Faiss.Kernels;
using MemoryAspire.Index.Searching;
using static MemoryAspire.Index.Tests.Events;

namespace MemoryAspire.Index.Tests;

public sealed class SearchTests
{
    [Fact]
    public async Task Tenant_scope_kind_and_expiry_each_decide_alone()
    {
        await using var harness = await Harness.OpenAsync();
        var now = Microseconds.From(harness.Time.GetUtcNow());
        float[] vector = [1, 2, 3, 4];
        await harness.ApplyAsync(
            Put(Id(1), 1, vector, scope: new("u", "a", "s")),
            Put(Id(2), 2, vector, scope: new("u", "a", "x")),
            Put(Id(3), 3, vector, scope: new("u", "x", "s")),
            Put(Id(4), 4, vector, scope: new("x", "a", "s")),
            Put(Id(5), 5, vector, scope: new("u", "a", "s"), tenant: "other"),
            Put(Id(6), 6, vector, scope: new("u", "a", "s"), kind: MemoryKind.Semantic),
            Put(Id(7), 7, vector, scope: new("u", "a", "s"), expires: now),
            Put(Id(8), 8, vector, scope: new("u", "a", "s"), expires: now + 1));
        Assert.Equal([Id(1), Id(8)], harness.Search(Query(vector, scope: new("u", "a", "s"), kinds: [MemoryKind.Episodic, MemoryKind.Procedural])).Ids().Order());
        Assert.Equal([Id(1), Id(3), Id(6), Id(8)], harness.Search(Query(vector, scope: new("u", Session: "s"))).Ids().Order());
        Assert.Equal([Id(1), Id(2), Id(4), Id(6), Id(8)], harness.Search(Query(vector, scope: new(Agent: "a"))).Ids().Order());
        Assert.Equal(6, harness.Search(Query(vector)).Hits.Count);
        Assert.Equal([Id(5)], harness.Search(Query(vector, tenant: "other")).Ids());
        Assert.Empty(harness.Search(Query(vector, tenant: "nobody")).Hits);
        Assert.Empty(harness.Search(Query(vector, scope: new("nobody"))).Hits);
        harness.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal([Id(1)], harness.Search(Query(vector, scope: new("u", "a", "s"), kinds: MemoryKind.Episodic)).Ids());
    }

    [Fact]
    public async Task Exhausted_says_whether_asking_for_more_finds_more()
    {
        await using var harness = await Harness.OpenAsync();
        await harness.ApplyAsync([.. Enumerable.Range(1, 5).Select(i => Put(Id(i), i, [1, i, 0, 0]))]);
        Assert.Equal((4, false), (harness.Search(Query([1, 0, 0, 0], 4)).Hits.Count, harness.Search(Query([1, 0, 0, 0], 4)).Exhausted));
        Assert.Equal((5, true), (harness.Search(Query([1, 0, 0, 0], 5)).Hits.Count, harness.Search(Query([1, 0, 0, 0], 5)).Exhausted));
        Assert.True(harness.Search(Query([1, 0, 0, 0], 6)).Exhausted);
    }

    [Fact]
    public async Task Named_memories_are_all_compared_and_the_unknown_are_told()
    {
        await using var harness = await Harness.OpenAsync();
        await harness.ApplyAsync(
            Put(Id(1), 1, [1, 0, 0, 0]), Put(Id(2), 2, [1, 1, 0, 0]), Put(Id(3), 3, [0, 1, 0, 0]), Put(Id(4), 4, [1, 0, 0, 0], tenant: "other"));

        var found = harness.Search(Query([1, 0, 0, 0]) with { Ids = [Id(3), Id(2), Id(4), Id(9)] });

        Assert.Equal([Id(2), Id(3)], found.Ids());
        Assert.Equal([Id(9)], found.Unknown);
        Assert.True(found.Exhausted);
        Assert.False(harness.Search(Query([1, 0, 0, 0], 1) with { Ids = [Id(3), Id(2)] }).Exhausted);
    }

    [Fact]
    public async Task Three_thousand_copies_hide_nobody()
    {
        await using var harness = await Harness.OpenAsync(16, options => options.ScanMax = 0);
        var vectors = new Vectors(16, 1);
        var copied = vectors.Next();
        var others = Enumerable.Range(0, 2_000).Select(_ => vectors.Next()).ToArray();
        await harness.ApplyAsync([
            .. Enumerable.Range(1, 3_000).Select(i => Put(Id(i), i, copied)),
            .. others.Select((vector, i) => Put(Id(10_000 + i), 3_001 + i, vector))]);
        var found = others.Where((vector, i) => harness.Search(Query(vector, 1)) is { Path: SearchPath.Walk } result && result.Hits[0].Id == Id(10_000 + i));
        Assert.InRange(found.Count(), 1_980, 2_000);
        Assert.Equal(100, harness.Search(Query(copied, 100)).Hits.Count(hit => hit.Similarity > 0.99999f));
    }

    [Fact]
    public async Task If_k_qualify_k_are_returned_however_rare_they_are()
    {
        await using var harness = await Harness.OpenAsync(16, options => options.ScanMax = 0);
        var vectors = new Vectors(16, 2);
        await harness.ApplyAsync([.. Enumerable.Range(1, 6_000).Select(i => Put(Id(i), i, vectors.Next(), scope: new(Session: $"s{i % 300}", Agent: $"a{i % 3}")))]);
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(20, harness.Search(Query(vectors.Next(), 20, scope: new(Session: $"s{i}"))).Hits.Count);
            Assert.Equal(50, harness.Search(Query(vectors.Next(), 50, scope: new(Agent: "a1"))).Hits.Count);
            Assert.Equal(500, harness.Search(Query(vectors.Next(), 500)).Hits.Count);
        }
    }

    [Fact]
    public async Task A_wide_search_walks_and_finds_nearly_all()
    {
        await using var harness = await Harness.OpenAsync(24, options => options.ScanMax = 0);
        await using var exact = await Harness.OpenAsync(24);
        var vectors = new Vectors(24, 3);
        var events = Enumerable.Range(1, 5_000).Select(i => Put(Id(i), i, vectors.Next())).ToArray();
        await harness.ApplyAsync(events);
        await exact.ApplyAsync(events);
        var found = 0;
        for (var i = 0; i < 100; i++)
        {
            var query = Query(vectors.Next());
            var walked = harness.Search(query);
            Assert.Equal(SearchPath.Walk, walked.Path);
            found += walked.Ids().Intersect(exact.Search(query).Ids()).Count();
        }

        Assert.InRange(found, 970, 1_000);
    }

    [Fact]
    public async Task Three_thousand_memories_of_one_vector_are_one_node_and_do_not_hide_the_others()
    {
        const int Others = 3_000, Copies = 3_000;
        await using var harness = await Harness.OpenAsync(24, options => options.ScanMax = 0);
        var vectors = new Vectors(24, 4);
        var copy = vectors.Next();
        var all = Enumerable.Range(0, Others).Select(_ => vectors.Next()).ToArray();
        await harness.ApplyAsync([.. Enumerable.Range(0, Others).Select(i => Put(Id(i), i + 1, all[i])), .. Enumerable.Range(Others, Copies).Select(i => Put(Id(i), i + 1, copy))]);
        Assert.Equal(Others + Copies, harness.Index.Status.Vectors);
        var found = Enumerable.Range(0, Others).Count(i => harness.Search(Query(all[i], 1)).Hits[0].Id == Id(i));
        Assert.InRange(found, Others * 99 / 100, Others);
        Assert.Equal(Copies, harness.Search(Query(copy, Copies)).Hits.Count(hit => hit.Similarity > 0.9999f));
    }

    [Fact]
    public async Task A_walk_ends_where_nothing_is_similar_enough_any_more()
    {
        await using var harness = await Harness.OpenAsync(24, options => options.ScanMax = 0);
        var vectors = new Vectors(24, 5);
        var events = Enumerable.Range(1, 5_000).Select(i => Put(Id(i), i, vectors.Next(), created: i)).ToArray();
        await harness.ApplyAsync(events);
        var query = Query(vectors.Next(), 50);
        var all = harness.Search(query).Hits;
        var least = (all[9].Similarity + all[10].Similarity) / 2;
        var near = harness.Search(query with { LeastSimilarity = least });
        Assert.Equal(SearchPath.Walk, near.Path);
        Assert.Equal(all.Take(10), near.Hits);
        Assert.Equal(20, harness.Search(query with { Created = new TimeRange(100, 120) }).Hits.Count);
    }

    [Fact]
    public async Task A_search_that_nobody_waits_for_ends()
    {
        await using var harness = await Harness.OpenAsync();
        await harness.ApplyAsync(Put(Id(1), 1, [1, 0, 0, 0]));
        Assert.Throws<OperationCanceledException>(() => harness.Index.Search(Harness.Incarnation, Harness.Generation, Query([1, 0, 0, 0]), new CancellationToken(canceled: true)));
    }

    [Theory]
    [InlineData(100, 10, 0.25)]
    [InlineData(100, 75, 1.5)]
    [InlineData(1, 1_000, 4)]
    public void A_walks_distance_costs_what_was_measured_within_bounds(double scan, double walk, double penalty) =>
        Assert.Equal(penalty, DistanceCosts.From(scan, walk).WalkPenalty);

    [Theory]
    [InlineData(1)]
    [InlineData(384)]
    [InlineData(16_384)]
    public void Distances_are_measured_in_every_dimension(int dimension)
    {
        var (vectors, codes) = KernelTimes.Measure(dimension);
        Assert.InRange(vectors, 0.1, 1e9);
        Assert.InRange(codes, 0.1, 1e9);
    }

    [Fact]
    public async Task A_wrong_query_is_refused()
    {
        await using var harness = await Harness.OpenAsync();
        await harness.ApplyAsync(Put(Id(1), 1, [1, 0, 0, 0]));
        Assert.Throws<ArgumentException>(() => harness.Search(Query([1, 0, 0])));
        Assert.Throws<ArgumentException>(() => harness.Search(Query([float.NaN, 0, 0, 0])));
        Assert.Throws<ArgumentException>(() => harness.Search(Query([0, 0, 0, 0])));
        Assert.Throws<ArgumentOutOfRangeException>(() => harness.Search(Query([1, 0, 0, 0], 0)));
    }

    [Theory]
    [InlineData(1_000, 1_000, 1_000_000, 10, false)]
    [InlineData(1_000_000, 1_000_000, 1_000_000, 10, true)]
    [InlineData(1_000_000, 20_000, 1_000_000, 10, false)]
    [InlineData(1_000_000, 500_000, 1_000_000, 10, true)]
    [InlineData(1_000_000, 1_000_000, 1_000_000, 400_000, false)]
    public void The_plan_walks_only_where_a_walk_is_shorter(long listed, long qualifying, long total, int k, bool walk) =>
        Assert.Equal(walk, SearchPlan.Choose(listed, qualifying, total, k, 10_000, 96, walkPenalty: 2).Walk);
}
