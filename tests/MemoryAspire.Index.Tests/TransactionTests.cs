using MemoryAspire.Contracts.Positions;
using MemoryAspire.Faiss;
using static MemoryAspire.Index.Tests.Events;

namespace MemoryAspire.Index.Tests;

/// <summary>A transaction's events in a partition become visible in one step, or wait, or are refused, together.</summary>
public sealed class TransactionTests
{
    private static readonly float[] East = [1, 0, 0, 0], North = [0, 1, 0, 0], Up = [0, 0, 1, 0];
    private static readonly Guid First = new(1, 0, 0, new byte[8]), Second = new(2, 0, 0, new byte[8]);

    [Fact]
    public async Task A_transaction_that_does_not_fit_is_refused_as_a_whole()
    {
        await using var harness = await Harness.OpenAsync(configure: options => options.CapacityMax = 2);
        await Assert.ThrowsAsync<CapacityExceededException>(() => harness.ApplyAsync(
            Put(Id(1), 1, East), Put(Id(2), 2, North) with { Transaction = First }, Put(Id(3), 3, Up) with { Transaction = First }));
        Assert.Equal(new Position(1), harness.Index.Status.Partitions[0].Applied);
        Assert.Equal([Id(1)], harness.Search(Query(East)).Ids());
    }

    [Fact]
    public async Task A_transaction_is_judged_by_what_it_leaves_behind()
    {
        await using var harness = await Harness.OpenAsync(configure: options => options.CapacityMax = 1);
        await harness.ApplyAsync(Put(Id(1), 1, East));
        await harness.ApplyAsync(Put(Id(2), 2, North) with { Transaction = First }, Gone(Id(1), 3) with { Transaction = First });
        Assert.Equal([Id(2)], harness.Search(Query(North)).Ids());
    }

    [Fact]
    public async Task A_waiting_transaction_is_dropped_as_a_whole_when_too_much_waits()
    {
        await using var harness = await Harness.OpenAsync(configure: options => options.EarlyEventsMax = 3);
        await harness.ApplyAsync(Put(Id(2), 2, East) with { Transaction = First }, Put(Id(3), 3, East) with { Transaction = First });
        await harness.ApplyAsync(Put(Id(4), 4, East) with { Transaction = Second }, Put(Id(5), 5, East) with { Transaction = Second });
        await harness.ApplyAsync(Put(Id(1), 1, East));
        Assert.Equal(new Position(3), harness.Index.Status.Partitions[0].Applied);
    }

    [Fact]
    public async Task A_waiting_transaction_passes_as_a_whole_whatever_the_order_in_which_it_came()
    {
        await using var harness = await Harness.OpenAsync();
        await harness.ApplyAsync(
            Put(Id(3), 3, East) with { Transaction = First }, Put(Id(9, 1), 1, East) with { Transaction = First }, Put(Id(2), 2, East) with { Transaction = First });
        Assert.Equal((0L, 1L), (harness.Index.Status.Partitions[0].Count, harness.Index.Status.Partitions[1].Count));
        await harness.ApplyAsync(Put(Id(1), 1, East));
        Assert.Equal(new Position(3), harness.Index.Status.Partitions[0].Applied);
    }

    [Fact]
    public async Task A_search_never_meets_half_a_transaction_also_when_the_graph_fills_in_its_midst()
    {
        // A graph for ten vectors has 1,039 nodes: each hundred and fourth transaction of ten does not fit as a whole.
        const int Memories = 10, Transactions = 400;
        await using var harness = await Harness.OpenAsync(8, options => options.CapacityMax = Memories);
        var vectors = new Vectors(8, 1);
        await harness.ApplyAsync([.. Enumerable.Range(0, Memories).Select(i => Put(Id(i), i + 1, vectors.Next()) with { Transaction = NewId(0) })]);
        var queries = Enumerable.Range(0, 50).Select(_ => vectors.Next()).ToArray();
        var done = false;
        var searching = Task.Run(() =>
        {
            var searches = 0;
            for (; !Volatile.Read(ref done); searches++)
            {
                var hits = harness.Search(Query(queries[searches % queries.Length], Memories + 1)).Hits;
                Assert.Equal(Memories, hits.Count);
                Assert.Single(hits.Select(hit => hit.Version).Distinct());
            }

            return searches;
        }, Stop);
        for (var transaction = 1; transaction <= Transactions; transaction++)
        {
            await harness.ApplyAsync([.. Enumerable.Range(0, Memories).Select(i =>
                Put(Id(i), (transaction * Memories) + i + 1, vectors.Next(), version: transaction + 1) with { Transaction = NewId(transaction) })]);
        }

        Volatile.Write(ref done, true);
        Assert.True(await searching > 0);
        Assert.Contains(harness.Logger.Collector.GetSnapshot(), record => record.Message.Contains("The graph was rebuilt", StringComparison.Ordinal));
    }

    private static Guid NewId(int number) => new(number + 1, 0, 0, new byte[8]);
}
