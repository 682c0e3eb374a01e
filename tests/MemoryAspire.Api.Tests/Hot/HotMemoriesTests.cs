using MemoryAspire.Api.Caching.Hot;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Postgres.Log;
using MemoryAspire.Redis.Values;

namespace MemoryAspire.Api.Tests.Hot;

public sealed class HotMemoriesTests
{
    [Fact]
    public void An_entry_answers_eventual_reads_and_session_reads_with_a_token_that_was_followed()
    {
        using var held = new HeldMemories();
        held.Follow(5);
        held.Offer(held.Ids[0], version: 2, position: 4, reflects: 5);

        Assert.Equal(2, held.Find(held.Ids[0], ReadLevel.Eventual));
        Assert.Equal(2, held.Find(held.Ids[0], ReadLevel.Eventual, atLeast: 9));
        Assert.Equal(2, held.Find(held.Ids[0], ReadLevel.Session, atLeast: 5));
        Assert.Null(held.Find(held.Ids[0], ReadLevel.Session, atLeast: 6));
        Assert.Null(held.Find(held.Ids[0], ReadLevel.Session));
        Assert.Null(held.Find(held.Ids[0], ReadLevel.Strong, atLeast: 5));
        Assert.Null(held.Find(held.Ids[1], ReadLevel.Eventual));
    }

    [Fact]
    public void Another_tenant_or_database_gets_nothing()
    {
        using var held = new HeldMemories();
        held.Follow(5);
        held.Offer(held.Ids[0], 1, 4, 5);

        Assert.Null(held.Find(held.Ids[0], ReadLevel.Eventual, tenant: "other"));
        Assert.Null(held.Find(held.Ids[0], ReadLevel.Eventual, incarnation: new Incarnation(2)));
    }

    [Fact]
    public void Entries_stop_to_count_when_the_log_was_not_looked_at_for_a_second()
    {
        using var held = new HeldMemories();
        held.Follow(5);
        held.Offer(held.Ids[0], 1, 4, 5);

        held.Time.Advance(HotMemories.HeartbeatMax - TimeSpan.FromMilliseconds(1));
        Assert.NotNull(held.Find(held.Ids[0], ReadLevel.Eventual));
        held.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null(held.Find(held.Ids[0], ReadLevel.Eventual));
        held.Follow(5);
        Assert.NotNull(held.Find(held.Ids[0], ReadLevel.Eventual));
    }

    [Fact]
    public void What_another_process_changed_is_thrown_away_and_what_already_has_the_change_is_kept()
    {
        using var held = new HeldMemories();
        held.Follow(5);
        held.Offer(held.Ids[0], 1, 4, 5);
        held.Offer(held.Ids[1], 2, 6, 6);

        held.Follow(6, new ChangedMemory(held.Ids[0], new Position(6)), new ChangedMemory(held.Ids[1], new Position(6)));

        Assert.Null(held.Find(held.Ids[0], ReadLevel.Session, atLeast: 6));
        Assert.Equal(2, held.Find(held.Ids[1], ReadLevel.Session, atLeast: 6));
    }

    [Fact]
    public void An_own_write_is_not_followed_by_the_old_state_however_long_a_reader_slept()
    {
        using var held = new HeldMemories();
        held.Follow(5);
        held.Offer(held.Ids[0], 1, 4, 5);

        held.Hot.Invalidate(held.Update(held.Ids[0], 2, 6));
        Assert.Null(held.Find(held.Ids[0], ReadLevel.Eventual));

        // A reader that read before the write comes only now.
        held.Offer(held.Ids[0], 1, 4, reflects: 5);
        Assert.Null(held.Find(held.Ids[0], ReadLevel.Eventual));
        held.Offer(held.Ids[0], 2, 6, reflects: 6);
        Assert.Equal(2, held.Find(held.Ids[0], ReadLevel.Eventual));
    }

    [Fact]
    public void What_is_offered_while_the_log_is_read_must_reflect_where_that_will_end()
    {
        using var held = new HeldMemories();
        held.Follow(5);
        held.Offer(held.Ids[0], 1, 4, 5);

        var ranges = held.Hot.Begin(HeldMemories.Heads(6));
        held.Offer(held.Ids[1], 1, 3, reflects: 5);
        held.Hot.Finish(ranges, [], HeldMemories.Heads(6), held.Time.GetTimestamp());

        Assert.Null(held.Find(held.Ids[1], ReadLevel.Eventual));
        Assert.Equal(1, held.Find(held.Ids[0], ReadLevel.Session, atLeast: 6));
    }

    [Fact]
    public void Too_many_changes_take_all_entries_of_their_partition()
    {
        using var held = new HeldMemories();
        held.Follow(5);
        held.Offer(held.Ids[0], 1, 4, 5);

        held.Hot.Finish(held.Hot.Begin(HeldMemories.Heads(9)), null, HeldMemories.Heads(9), held.Time.GetTimestamp());

        Assert.Null(held.Find(held.Ids[0], ReadLevel.Eventual));
    }

    [Fact]
    public void Another_database_or_a_log_that_lost_its_end_takes_all_entries()
    {
        using var held = new HeldMemories();
        held.Follow(5);
        held.Offer(held.Ids[0], 1, 4, 5);
        held.Follow(3);
        Assert.Null(held.Find(held.Ids[0], ReadLevel.Eventual));

        held.Offer(held.Ids[0], 1, 3, 3);
        Assert.NotNull(held.Find(held.Ids[0], ReadLevel.Eventual));
        held.Follow(HeldMemories.Heads(3, new Incarnation(2)));
        Assert.Null(held.Find(held.Ids[0], ReadLevel.Eventual, incarnation: new Incarnation(2)));
        held.Offer(held.Ids[0], 1, 3, 3);
        Assert.Null(held.Find(held.Ids[0], ReadLevel.Eventual, incarnation: new Incarnation(2)));
    }

    [Fact]
    public void A_memory_is_absent_from_the_instant_it_expires()
    {
        using var held = new HeldMemories();
        held.Follow(5);
        held.Offer(held.Ids[0], 1, 4, 5, held.Time.GetUtcNow().AddMilliseconds(500));

        Assert.NotNull(held.Find(held.Ids[0], ReadLevel.Eventual));
        held.Time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.Null(held.Find(held.Ids[0], ReadLevel.Eventual));
    }

    [Fact]
    public void Repaired_rows_take_the_entries_of_their_partition()
    {
        using var held = new HeldMemories();
        held.Follow(5);
        held.Offer(held.Ids[0], 1, 4, 5);

        held.Hot.Invalidate(held.Partition);

        Assert.Null(held.Find(held.Ids[0], ReadLevel.Eventual));
    }

    [Fact]
    public void There_are_never_more_than_fit()
    {
        using var held = new HeldMemories(new HotMemoryOptions { BytesMax = 20_000 });
        held.Follow(5);
        var ids = Enumerable.Range(0, 200).Select(seed => Contracts.Identity.MemoryId.Create(held.Partition, held.Time.GetUtcNow(), new Random(seed + 100))).ToList();
        foreach (var id in ids) held.Offer(id, 1, 4, 5);

        Assert.InRange(ids.Count(id => held.Find(id, ReadLevel.Eventual) is not null), 1, 20_000 / 600);
    }

    [Fact]
    public void Without_room_nothing_is_held()
    {
        using var held = new HeldMemories(new HotMemoryOptions { BytesMax = 0 });
        held.Follow(5);
        held.Offer(held.Ids[0], 1, 4, 5);

        Assert.True(held.Hot.IsOff);
        Assert.Null(held.Find(held.Ids[0], ReadLevel.Eventual));
    }
}
