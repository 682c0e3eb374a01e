using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Postgres.Memories;
using MemoryAspire.Redis.Applying;
using MemoryAspire.Redis.Values;
using MemoryAspire.Redis.Tests.Servers;

namespace MemoryAspire.Redis.Tests;

public abstract class ApplyTests(RedisServers stores)
{
    private static readonly KeyValuePair<Partition, Position>[] Span =
        [KeyValuePair.Create(new Partition(3), new Position(17)), KeyValuePair.Create(new Partition(200), new Position(9_000_000_000_000))];

    [Fact]
    public async Task A_call_never_holds_a_part_of_a_transaction_and_takes_no_more_when_it_is_full()
    {
        await using var tier = await Tier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        var random = new Random(1);
        var events = new List<MemoryEvent>();
        while (events.Count < 2_000)
        {
            var transaction = NewGuid(random);
            var size = random.Next(20) == 0 ? 200 : 1 + random.Next(5);
            for (var i = 0; i < size; i++) events.Add(tier.Event(events.Count + 1, tier.NewId(events.Count), 1, transaction: transaction));
        }

        var calls = ApplyCalls.Of(events.OrderBy(_ => random.Next()), new HashSet<Guid>(), Tier.Here, tier.Time.GetUtcNow()).ToList();

        var at = 0;
        foreach (var call in calls)
        {
            var inCall = events[at..(at + call.Keys.Length - 1)];
            Assert.Equal(inCall.Select(@event => (long)@event.Position.Value), call.Arguments.Skip(2).Chunk(9).Select(arguments => (long)arguments[0]));
            at += inCall.Count;
            if (at < events.Count) Assert.NotEqual(inCall[^1].TransactionId, events[at].TransactionId);
            Assert.True(inCall.FindLastIndex(@event => @event.TransactionId != inCall[^1].TransactionId) < ApplyCalls.EventsMax);
        }

        Assert.Equal(events.Count, at);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Events_in_one_call_have_the_effect_of_one_call_each(int seed)
    {
        var apart = await ContentsOfRoundsAsync(seed, async (tier, events) =>
        {
            foreach (var @event in events) await tier.ApplyAsync(@event);
        });

        Assert.Equal(apart, await ContentsOfRoundsAsync(seed, (tier, events) => tier.ApplyAsync(events)));
    }

    [Fact]
    public async Task A_span_is_kept_with_the_value_that_is_applied_or_filled()
    {
        await using var tier = await Tier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        await tier.BeginAsync();
        var (applied, filled, alone) = (tier.NewId(1), tier.NewId(2), tier.NewId(3));

        await tier.ApplyAsync(tier.Event(1, applied, 1) with { Span = Span }, tier.Event(2, alone, 1));
        Assert.True(await tier.Memory.FillAsync(new StoredMemory(tier.Record(filled, 1), new Position(1)) { Span = Span }, new Position(2), Tier.Here));

        Assert.Equal(Span, (await tier.ReadAsync(applied))!.Span);
        Assert.Equal([KeyValuePair.Create(tier.Partition, new Position(1)), .. Span], (await tier.ReadAsync(filled))!.SeenIn(tier.Partition));
        Assert.Empty((await tier.ReadAsync(alone))!.Span);
    }

    [Theory]
    [InlineData("3:17,")]
    [InlineData("3:17,300:1")]
    [InlineData("3:-1")]
    [InlineData("3")]
    [InlineData(" 3:17")]
    public async Task A_value_whose_span_was_changed_is_not_served(string span)
    {
        await using var tier = await Tier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        await tier.BeginAsync();
        var id = tier.NewId(1);
        await tier.ApplyAsync(tier.Event(1, id, 1) with { Span = Span });

        await tier.Database.HashSetAsync($"memory:{{{tier.Partition}}}:{id}", "s", span);

        Assert.Null(await tier.ReadAsync(id, ReadLevel.Eventual));
    }

    /// <summary>What there is after each of some rounds, which are the same for the same seed.</summary>
    private async Task<List<string[]>> ContentsOfRoundsAsync(int seed, Func<Tier, MemoryEvent[], Task> apply)
    {
        await using var tier = await Tier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        await tier.BeginAsync(head: 5);
        var random = new Random(seed);
        var versions = new long[6];
        var log = Enumerable.Range(6, 60).Select(position =>
        {
            var memory = random.Next(versions.Length);
            var version = ++versions[memory];
            return random.Next(5) == 0 ? tier.Removal(position, tier.NewId(memory), version) : tier.Event(position, tier.NewId(memory), version);
        }).ToArray();

        // With gaps, repetitions and late ones, as pushes and followers bring them.
        var contents = new List<string[]>();
        for (var round = 0; round < 30; round++)
        {
            var from = random.Next(log.Length);
            var events = log[from..Math.Min(log.Length, from + 1 + random.Next(15))].Where(_ => random.Next(4) > 0).ToArray();
            if (events.Length == 0) continue;
            await apply(tier, events);
            contents.Add(await ContentsAsync(tier));
        }

        return contents;
    }

    private static Guid NewGuid(Random random)
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes);
    }

    /// <summary>Everything there is, without times to live.</summary>
    private static async Task<string[]> ContentsAsync(Tier tier)
    {
        var contents = new List<string>();
        foreach (var key in tier.Connection.GetServers()[0].Keys(tier.Database.Database))
        {
            if (key.ToString().StartsWith("memory", StringComparison.Ordinal) || key.ToString().StartsWith("control", StringComparison.Ordinal))
            {
                contents.AddRange((await tier.Database.HashGetAllAsync(key)).Select(field => $"{key} {field.Name} {field.Value}"));
            }
        }

        return [.. contents.Order(StringComparer.Ordinal)];
    }
}
