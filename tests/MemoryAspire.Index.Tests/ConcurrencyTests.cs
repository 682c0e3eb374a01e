using MemoryAspire.Contracts.Memories;
using static MemoryAspire.Index.Tests.Events;

namespace MemoryAspire.Index.Tests;

public sealed class ConcurrencyTests
{
    [Fact]
    public async Task Searches_beside_changes_always_see_every_memory_once_and_whole()
    {
        const int Memories = 200, Rounds = 40;
        await using var harness = await Harness.OpenAsync(8, options => options.ScanMax = 0);
        var vectors = new Vectors(8, 1);
        await harness.ApplyAsync([.. Enumerable.Range(0, Memories).Select(i => Put(Id(i), i + 1, vectors.Next(), scope: new(User: i % 2 == 0 ? "even" : "odd")))]);
        var queries = Enumerable.Range(0, 50).Select(_ => vectors.Next()).ToArray();
        var done = false;
        var begun = Enumerable.Range(0, 3).Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).ToArray();
        var searching = Enumerable.Range(0, begun.Length).Select(worker => Task.Run(() =>
        {
            var searches = 0;
            for (var i = worker; !Volatile.Read(ref done); i++, searches++)
            {
                // All memories are updated in each round, in one step: a search sees one version of them.
                var all = harness.Search(Query(queries[i % queries.Length], Memories + 10));
                Assert.Equal(Memories, all.Hits.Count);
                Assert.Equal(Memories, all.Ids().Distinct().Count());
                Assert.Single(all.Hits.Select(hit => hit.Version).Distinct());
                Assert.Equal(10, harness.Search(Query(queries[i % queries.Length], 10, scope: new(User: "odd"))).Hits.Count);
                begun[worker].TrySetResult();
            }

            return searches;
        }, Stop)).ToArray();

        // The rounds are over sooner than the pool may have a thread for each.
        await Task.WhenAny(Task.WhenAll(begun.Select(one => one.Task)), Task.WhenAny(searching)).WaitAsync(TimeSpan.FromSeconds(30), Stop);
        for (var round = 1; round <= Rounds; round++)
        {
            await harness.ApplyAsync([.. Enumerable.Range(0, Memories).Select(i =>
                Put(Id(i), (round * Memories) + i + 1, vectors.Next(), version: round + 1, scope: new(User: i % 2 == 0 ? "even" : "odd")))]);
            if (round % 20 == 0) await harness.Index.SnapshotAsync(Stop);
        }

        using var bound = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        bound.CancelAfter(TimeSpan.FromSeconds(30));
        while (!Logged(harness, "The graph was rebuilt")) await Task.Delay(10, bound.Token);
        Volatile.Write(ref done, true);
        Assert.False(Logged(harness, "not rebuilt"));
        Assert.All(await Task.WhenAll(searching), searches => Assert.True(searches > 0));
        Assert.Equal(Memories, harness.Index.Status.Vectors);
        await harness.ReopenAsync();
        Assert.Equal(Memories, harness.Search(Query(queries[0], Memories + 10)).Hits.Count);
    }

    private static bool Logged(Harness harness, string text) =>
        harness.Logger.Collector.GetSnapshot().Any(record => record.Message.Contains(text, StringComparison.Ordinal));

    [Fact]
    public async Task A_full_graph_is_rebuilt_out_of_what_lives()
    {
        await using var harness = await Harness.OpenAsync(8, options => options.CapacityMax = 100);
        var vectors = new Vectors(8, 2);
        for (var position = 1; position <= 5_000; position++)
        {
            await harness.ApplyAsync(Put(Id(position % 100), position, vectors.Next(), version: position));
        }

        Assert.Equal(100, harness.Index.Status.Vectors);
        Assert.Equal(100, harness.Search(Query(vectors.Next(), 1_000)).Hits.Count);
    }

    [Fact]
    public async Task Searches_survive_a_change_of_generation()
    {
        await using var harness = await Harness.OpenAsync(8);
        var vectors = new Vectors(8, 3);
        var done = false;
        var searching = Task.Run(() =>
        {
            var refused = 0;
            while (!Volatile.Read(ref done))
            {
                try
                {
                    harness.Search(Query(vectors.Next()));
                }
                catch (IndexIdentityException)
                {
                    refused++;
                }
            }

            return refused;
        }, Stop);
        for (var generation = 2; generation < 40; generation++)
        {
            await harness.Index.AdoptAsync(new IndexIdentity(Harness.Incarnation, 1 + (generation % 2), 8), Stop);
            await harness.Index.ApplyAsync(Harness.Incarnation, 1 + (generation % 2), [Put(Id(1), 1, vectors.Next(), scope: Scope.None)], Stop);
        }

        Volatile.Write(ref done, true);
        Assert.True(await searching >= 0);
    }
}
