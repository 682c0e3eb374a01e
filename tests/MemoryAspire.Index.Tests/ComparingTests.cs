using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Index.Comparing;
using MemoryAspire.Index.Events;
using MemoryAspire.Index.Memories;
using static MemoryAspire.Index.Tests.Events;

namespace MemoryAspire.Index.Tests;

public sealed class ComparingTests
{
    private static readonly Partition Zero = new(0);
    private static readonly float[] East = [1, 0, 0, 0], North = [0, 1, 0, 0];

    [Fact]
    public void The_history_knows_its_last_4096_positions_and_no_others()
    {
        var history = new PartitionHistory();
        var random = new Random(1);
        var states = new List<PartitionState> { default };
        for (var position = 1; position <= 10_000; position++)
        {
            var before = states[^1];
            var after = new PartitionState(new Position(position), Math.Max(0, before.Count + random.Next(-1, 2)), (ulong)random.NextInt64());
            history.Record(Zero, before, after);
            states.Add(after);
            if (position % 997 != 0 && position > 40) continue;
            for (var past = 1; past <= position; past++)
            {
                var known = history.At(Zero, new Position(past), after);
                Assert.Equal(past > position - PartitionHistory.PositionsMax ? states[past] : null, known);
            }
        }

        Assert.Null(history.At(new Partition(1), new Position(5), new PartitionState(new Position(6), 0, 0)));
    }

    [Fact]
    public void A_position_that_does_not_follow_makes_a_new_beginning()
    {
        var history = new PartitionHistory();
        history.Record(Zero, default, State(1, 1));
        history.Record(Zero, State(1, 1), State(2, 2));
        history.Record(Zero, State(7, 5), State(8, 6));

        Assert.Equal(State(7, 5), history.At(Zero, new Position(7), State(8, 6)));
        Assert.Null(history.At(Zero, new Position(2), State(8, 6)));
        history.Forget(Zero);
        Assert.Null(history.At(Zero, new Position(7), State(8, 6)));
        Assert.Equal(State(8, 6), history.At(Zero, new Position(8), State(8, 6)));
    }

    [Fact]
    public async Task A_partition_is_told_as_it_was_while_events_go_on()
    {
        await using var harness = await Harness.OpenAsync();
        await harness.ApplyAsync(Put(Id(1), 1, East, digest: 5), Put(Id(2), 2, North, digest: 6));
        await harness.ApplyAsync(Gone(Id(1), 3), Put(Id(2), 4, East, version: 2, digest: 9));

        Assert.Equal([(1L, 5UL), (2L, 5UL ^ 6UL), (1L, 6UL), (1L, 9UL)], Enumerable.Range(1, 4).Select(position => At(harness, position).At).Select(at => (at.Count, at.Digest)));
        Assert.Equal(HistoryState.Behind, At(harness, 5).State);
        await harness.ReopenAsync();
        Assert.Equal((HistoryState.Known, HistoryState.Gone), (At(harness, 4).State, At(harness, 3).State));
    }

    [Fact]
    public async Task A_repair_is_refused_unless_the_partition_is_at_its_position()
    {
        await using var harness = await Harness.OpenAsync();
        await harness.ApplyAsync(Put(Id(1), 1, East), Put(Id(2), 2, East));

        Assert.Null(await RepairAsync(harness, 1, Gone(Id(1), 9)));
        Assert.Null(await RepairAsync(harness, 3, Gone(Id(1), 9)));
        Assert.Equal([Id(2), Id(1)], harness.Search(Query(East)).Ids().OrderDescending());
        Assert.Equal([RecordState.Orphan], await RepairAsync(harness, 2, Gone(Id(1), 9)));
        Assert.Equal([Id(2)], harness.Search(Query(East)).Ids());
    }

    [Fact]
    public async Task A_repair_replaces_whatever_is_there_and_tells_what_it_was()
    {
        await using var harness = await Harness.OpenAsync();
        await harness.ApplyAsync(
            Put(Id(1), 1, East, digest: 1), Put(Id(2), 2, East, version: 7, digest: 2), Put(Id(3), 3, East, digest: 4), Put(Id(4), 4, East, digest: 8));

        var states = await RepairAsync(
            harness, 4, Put(Id(1), 1, East, digest: 1), Put(Id(2), 1, North, version: 5, digest: 16), Put(Id(3), 1, North, digest: 4), Gone(Id(4), 1), Put(Id(5), 1, North, digest: 32));

        Assert.Equal([RecordState.Right, RecordState.Stale, RecordState.Changed, RecordState.Orphan, RecordState.Missing], states);
        Assert.Equal([Id(2), Id(3), Id(5)], harness.Search(Query(North, 3)).Ids().Order());
        var partition = harness.Index.Status.Partitions[0];
        Assert.Equal((new Position(4), 4L, 1UL ^ 16UL ^ 4UL ^ 32UL), (partition.Applied, partition.Count, partition.Digest));

        // The log goes on where it was, and what it says counts.
        await harness.ApplyAsync(Put(Id(2), 5, East, version: 6, digest: 64));
        Assert.Equal(6, harness.Index.Find(Id(2))!.Value.Version);
        Assert.Equal(HistoryState.Gone, At(harness, 3).State);
        await harness.ReopenAsync();
        Assert.Equal((new Position(5), 4L), (harness.Index.Status.Partitions[0].Applied, harness.Index.Status.Partitions[0].Count));
    }

    [Fact]
    public async Task Only_compared_nothing_changes()
    {
        await using var harness = await Harness.OpenAsync();
        await harness.ApplyAsync(Put(Id(1), 1, East));

        var states = await harness.Index.RepairAsync(Harness.Incarnation, Harness.Generation, new RecordRepair(Zero, new Position(1), [Gone(Id(1), 1)], CompareOnly: true), Stop);

        Assert.Equal([RecordState.Orphan], states);
        Assert.NotNull(harness.Index.Find(Id(1)));
    }

    [Fact]
    public async Task A_repair_that_does_not_fit_changes_nothing()
    {
        await using var harness = await Harness.OpenAsync(configure: options => options.CapacityMax = 1);
        await harness.ApplyAsync(Put(Id(1), 1, East));

        await Assert.ThrowsAsync<Faiss.CapacityExceededException>(() => RepairAsync(harness, 1, Put(Id(2), 1, North), Put(Id(3), 1, North)));

        Assert.Equal((1L, null), (harness.Index.Status.Vectors, harness.Index.Find(Id(2))));
    }

    [Fact]
    public async Task Ranges_are_cut_by_id_and_stored_bytes_show_what_digests_do_not()
    {
        await using var harness = await Harness.OpenAsync();
        await harness.ApplyAsync([.. Enumerable.Range(1, 9).Select(number => Put(Id(number), number, East, digest: (ulong)number)), Put(Id(1, 1), 1, East)]);
        var range = new IdRange(Zero, Id(3), Id(6));

        var records = (await RecordsAsync(harness, storedBytes: false)).In(range).ToArray();
        Assert.Equal([Id(3), Id(4), Id(5)], records.Select(record => record.Id));
        Assert.Equal(3UL ^ 4UL ^ 5UL, ComparedRecords.DigestOf(records));
        Assert.Equal(9, (await RecordsAsync(harness, storedBytes: false)).In(new IdRange(Zero, null, null)).Length);

        var before = ComparedRecords.DigestOf((await RecordsAsync(harness, storedBytes: true)).In(range));
        await RepairAsync(harness, 9, Put(Id(4), 1, North, digest: 4));
        Assert.Equal(3UL ^ 4UL ^ 5UL, ComparedRecords.DigestOf((await RecordsAsync(harness, storedBytes: false)).In(range)));
        Assert.NotEqual(before, ComparedRecords.DigestOf((await RecordsAsync(harness, storedBytes: true)).In(range)));
    }

    [Fact]
    public async Task A_held_repair_applies_what_follows_before_it_repairs()
    {
        await using var harness = await Harness.OpenAsync();
        await harness.ApplyAsync(Put(Id(1), 1, East));

        var states = await harness.Index.RepairHeldAsync(
            Harness.Incarnation,
            Harness.Generation,
            Zero,
            (applied, _) => Task.FromResult<(IReadOnlyList<IndexEvent>, RecordRepair)>((
                [Put(Id(2), applied.Value + 1, East), Put(Id(3), applied.Value + 2, East)],
                new RecordRepair(Zero, new Position(3), [Gone(Id(1), 1), Put(Id(2), 1, East)], CompareOnly: false))),
            Stop);

        Assert.Equal([RecordState.Orphan, RecordState.Right], states);
        Assert.Equal([Id(2), Id(3)], harness.Search(Query(East)).Ids().Order());
    }

    private static PartitionState State(long position, long count) => new(new Position(position), count, (ulong)position);

    private static (HistoryState State, PartitionState At) At(Harness harness, long position) =>
        harness.Index.StateAt(Harness.Incarnation, Harness.Generation, Zero, new Position(position));

    private static Task<IReadOnlyList<RecordState>?> RepairAsync(Harness harness, long at, params IReadOnlyList<IndexEvent> targets) =>
        harness.Index.RepairAsync(Harness.Incarnation, Harness.Generation, new RecordRepair(Zero, new Position(at), targets, CompareOnly: false), Stop);

    private static Task<ComparedRecords> RecordsAsync(Harness harness, bool storedBytes) =>
        harness.Index.RecordsAsync(Harness.Incarnation, Harness.Generation, new HashSet<Partition> { Zero }, storedBytes, Stop);
}
