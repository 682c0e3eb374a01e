using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Faiss;
using static MemoryAspire.Index.Tests.Events;

namespace MemoryAspire.Index.Tests;

public sealed class ApplyTests
{
    private static readonly float[] East = [1, 0, 0, 0], North = [0, 1, 0, 0], Up = [0, 0, 1, 0];

    [Fact]
    public async Task An_early_event_waits_until_the_gap_before_it_is_filled()
    {
        await using var harness = await Harness.OpenAsync();
        await harness.ApplyAsync(Put(Id(3), 3, East), Put(Id(2), 2, East));
        Assert.Empty(harness.Search(Query(East)).Hits);
        Assert.Equal(new Position(0), harness.Index.Status.Partitions[0].Applied);
        await harness.ApplyAsync(Put(Id(1), 1, East));
        Assert.Equal(3, harness.Search(Query(East)).Hits.Count);
        Assert.Equal(new Position(3), harness.Index.Status.Partitions[0].Applied);
    }

    [Fact]
    public async Task A_late_update_does_not_resurrect_what_a_delete_removed()
    {
        await using var harness = await Harness.OpenAsync();
        var update = Put(Id(1), 2, North, version: 2);
        await harness.ApplyAsync(Put(Id(1), 1, East), update, Gone(Id(1), 3));
        await harness.ApplyAsync(update, Put(Id(1), 1, East));
        Assert.Empty(harness.Search(Query(North)).Hits);
        Assert.Equal((0L, 0L, 0UL), (harness.Index.Status.Vectors, harness.Index.Status.Partitions[0].Count, harness.Index.Status.Partitions[0].Digest));
    }

    [Fact]
    public async Task An_update_moves_the_one_vector_of_a_memory()
    {
        await using var harness = await Harness.OpenAsync();
        await harness.ApplyAsync(Put(Id(1), 1, East), Put(Id(1), 2, North, version: 2));
        var hit = Assert.Single(harness.Search(Query(North)).Hits);
        Assert.Equal((Id(1), 2L, 1f), (hit.Id, hit.Version, hit.Similarity));
        Assert.Equal(1, harness.Index.Status.Vectors);
    }

    [Fact]
    public async Task What_waits_is_bounded_and_the_log_brings_the_rest()
    {
        await using var harness = await Harness.OpenAsync(configure: options => options.EarlyEventsMax = 3);
        for (var position = 10; position >= 2; position--) await harness.ApplyAsync(Put(Id(position), position, East));
        await harness.ApplyAsync(Put(Id(1), 1, East));
        Assert.Equal(new Position(4), harness.Index.Status.Partitions[0].Applied);
        await harness.ApplyAsync([.. Enumerable.Range(1, 10).Select(position => Put(Id(position), position, East))]);
        Assert.Equal(10, harness.Search(Query(East)).Hits.Count);
    }

    [Fact]
    public async Task A_memory_without_a_vector_counts_but_is_never_found()
    {
        await using var harness = await Harness.OpenAsync();
        await harness.ApplyAsync(Put(Id(1), 1, null, digest: 5), Put(Id(2), 2, East, digest: 6), Put(Id(2), 3, null, version: 2, digest: 8));
        Assert.Equal((2L, 5UL ^ 8UL), (harness.Index.Status.Partitions[0].Count, harness.Index.Status.Partitions[0].Digest));
        Assert.Equal((2L, 0L), (harness.Index.Status.Memories, harness.Index.Status.Vectors));
        Assert.Empty(harness.Search(Query(East)).Hits);
        Assert.Equal(new IndexedEntry(2, 8, HasVector: false), harness.Index.Find(Id(2)));
        Assert.Null(harness.Index.Find(Id(3)));
    }

    [Fact]
    public async Task A_wrong_vector_is_refused_before_anything_is_applied()
    {
        await using var harness = await Harness.OpenAsync();
        foreach (var wrong in new float[][] { [1, 0, 0], [0, 0, 0, 0], [float.NaN, 0, 0, 0], [float.PositiveInfinity, 0, 0, 0] })
        {
            await Assert.ThrowsAsync<ArgumentException>(() => harness.ApplyAsync(Put(Id(1), 1, East), Put(Id(2), 2, wrong)));
        }

        Assert.Equal(0, harness.Index.Status.Memories);
    }

    [Fact]
    public async Task A_full_index_refuses_what_does_not_fit_and_keeps_its_place()
    {
        await using var harness = await Harness.OpenAsync(configure: options => options.CapacityMax = 2);
        await Assert.ThrowsAsync<CapacityExceededException>(() => harness.ApplyAsync(Put(Id(1), 1, East), Put(Id(2), 2, North), Put(Id(3), 3, Up)));
        Assert.Equal(new Position(2), harness.Index.Status.Partitions[0].Applied);
        await Assert.ThrowsAsync<CapacityExceededException>(() => harness.ApplyAsync(Put(Id(3), 3, Up)));
        Assert.Equal([Id(1), Id(2)], harness.Search(Query([1, 1, 0, 0])).Ids().Order());
    }

    [Fact]
    public async Task Another_generation_or_database_is_refused()
    {
        await using var harness = await Harness.OpenAsync();
        await Assert.ThrowsAsync<IndexIdentityException>(() => harness.Index.ApplyAsync(Harness.Incarnation, 2, [Put(Id(1), 1, East)], Stop));
        await Assert.ThrowsAsync<IndexIdentityException>(() => harness.Index.ApplyAsync(new Incarnation(8), 1, [Put(Id(1), 1, East)], Stop));
        Assert.Throws<IndexIdentityException>(() => harness.Index.Search(Harness.Incarnation, 2, Query(East), Stop));
    }

    [Fact]
    public async Task A_new_generation_begins_empty_and_survives_the_old_snapshot()
    {
        await using var harness = await Harness.OpenAsync();
        await harness.ApplyAsync(Put(Id(1), 1, East));
        await harness.Index.AdoptAsync(new IndexIdentity(Harness.Incarnation, 2, 2), Stop);
        Assert.Equal((0L, new Position(0)), (harness.Index.Status.Memories, harness.Index.Status.Partitions[0].Applied));
        await harness.ReopenAsync();
        Assert.Equal(new IndexIdentity(Harness.Incarnation, 2, 2), harness.Index.Identity);
    }

    [Fact]
    public async Task A_waiter_is_signalled_when_its_position_comes()
    {
        await using var harness = await Harness.OpenAsync();
        var waiting = harness.Index.WaitAsync(new Partition(0), new Position(2), TimeSpan.FromHours(1), Stop).AsTask();
        await harness.ApplyAsync(Put(Id(1), 1, East));
        Assert.False(waiting.IsCompleted);
        await harness.ApplyAsync(Put(Id(2), 2, East));
        Assert.True(await waiting.WaitAsync(TimeSpan.FromSeconds(10), Stop));
        Assert.True(await harness.Index.WaitAsync(new Partition(0), new Position(1), TimeSpan.Zero, Stop));
    }

    [Fact]
    public async Task A_waiter_gives_up_after_its_time()
    {
        await using var harness = await Harness.OpenAsync();
        var waiting = harness.Index.WaitAsync(new Partition(0), new Position(1), TimeSpan.FromSeconds(5), Stop).AsTask();
        harness.Time.Advance(TimeSpan.FromSeconds(6));
        Assert.False(await waiting.WaitAsync(TimeSpan.FromSeconds(10), Stop));
        Assert.False(await harness.Index.WaitAsync(new Partition(0), new Position(1), TimeSpan.Zero, Stop));
    }
}
