using MemoryAspire.Api.Changes;
using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Postgres.Log;

namespace MemoryAspire.Api.Tests;

public sealed class FeedCursorTests
{
    private static readonly Incarnation Database = new(1);

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Whatever_is_read_and_wherever_it_stops_every_wanted_event_is_passed_once_and_in_order(int seed)
    {
        var random = new Random(seed);
        var log = new long[Partition.Count];
        var wanted = new HashSet<(byte, long)>();
        var passed = new List<(byte Partition, long Position)>();
        var limit = random.Next(1, 6);
        var cursor = new FeedCursor(ConsistencyToken.Empty(Database), Partition.All);
        for (var round = 0; round < 12; round++)
        {
            Grow(log, wanted, random);
            cursor.Begin(new LogHeads(Database, [.. log]));

            // A reader that comes back goes on with what its token says.
            while (cursor.Next(random.Next(1, 9)) is { Count: > 0 } ranges)
            {
                var batch = ranges.SelectMany(Within).Where(at => wanted.Contains((at.Partition.Value, at.Position.Value))).Take(limit).ToList();
                foreach (var @event in batch)
                {
                    cursor.Pass(ranges, @event);
                    passed.Add((@event.Partition.Value, @event.Position.Value));
                    if (random.Next(4) == 0) break;
                }

                var last = passed.Count == 0 ? default : passed[^1];
                var whole = batch.Count < limit && (batch.Count == 0 || last == (batch[^1].Partition.Value, batch[^1].Position.Value));
                if (whole) cursor.Pass(ranges);
                else cursor = Resumed(cursor.Token, log);
            }

            Assert.True(cursor.Fits(new LogHeads(Database, [.. log])));
        }

        Assert.Equal(wanted.Order(), passed.Order());
        foreach (var partition in passed.GroupBy(at => at.Partition)) Assert.Equal(partition.Order(), partition);
    }

    [Fact]
    public void A_round_is_not_interrupted_by_what_is_written_meanwhile()
    {
        var cursor = new FeedCursor(ConsistencyToken.Empty(Database), Partition.All);
        cursor.Begin(Heads((3, 5)));
        var ranges = cursor.Next(2);
        cursor.Pass(ranges);

        Assert.Equal([new LogRange(new Partition(3), new Position(2), new Position(5))], cursor.Next(10));
    }

    [Fact]
    public void Only_the_partitions_that_matter_are_read()
    {
        var cursor = new FeedCursor(ConsistencyToken.Empty(Database), [new Partition(7)]);
        cursor.Begin(Heads((3, 5), (7, 2)));

        Assert.Equal([new LogRange(new Partition(7), Position.None, new Position(2))], cursor.Next(10));
    }

    [Fact]
    public void A_token_of_another_database_or_beyond_the_log_does_not_fit()
    {
        var token = ConsistencyToken.Empty(Database).Seeing(new Partition(3), new Position(5));

        Assert.True(new FeedCursor(token, Partition.All).Fits(Heads((3, 5))));
        Assert.False(new FeedCursor(token, Partition.All).Fits(Heads((3, 4))));
        Assert.False(new FeedCursor(ConsistencyToken.Empty(new Incarnation(2)), Partition.All).Fits(Heads((3, 5))));
    }

    private static FeedCursor Resumed(ConsistencyToken token, long[] log)
    {
        Assert.True(ConsistencyToken.TryParse(token.ToString(), out var sent));
        var cursor = new FeedCursor(sent, Partition.All);
        cursor.Begin(new LogHeads(Database, [.. log]));
        return cursor;
    }

    private static void Grow(long[] log, HashSet<(byte, long)> wanted, Random random)
    {
        for (var written = random.Next(20); written > 0; written--)
        {
            var partition = (byte)random.Next(5);
            log[partition]++;
            if (random.Next(3) == 0) wanted.Add((partition, log[partition]));
        }
    }

    private static IEnumerable<MemoryEvent> Within(LogRange range)
    {
        for (var position = range.After.Next; position <= range.UpTo; position = position.Next)
        {
            yield return new MemoryEvent(range.Partition, position, EventType.Deleted, "t", default, 1, Scope.None, null, default, "a", default);
        }
    }

    private static LogHeads Heads(params (byte Partition, long Head)[] heads)
    {
        var all = new long[Partition.Count];
        foreach (var (partition, head) in heads) all[partition] = head;
        return new LogHeads(Database, all);
    }
}
