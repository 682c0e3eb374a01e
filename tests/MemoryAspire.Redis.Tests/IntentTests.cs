using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Redis.Intents;
using MemoryAspire.Redis.Values;
using MemoryAspire.Redis.Tests.Servers;

namespace MemoryAspire.Redis.Tests;

public abstract class IntentTests(RedisServers stores)
{
    private static readonly Guid First = Guid.Parse("00000000-0000-7000-8000-000000000001");
    private static readonly Guid Second = Guid.Parse("00000000-0000-7000-8000-000000000002");

    [Theory]
    [InlineData(ReadLevel.Eventual)]
    [InlineData(ReadLevel.Session)]
    public async Task A_memory_with_an_intent_is_not_served_at_any_level_until_its_transaction_is_applied(ReadLevel level)
    {
        await using var tier = await Tier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        await tier.BeginAsync();
        var id = tier.NewId(1);
        await tier.ApplyAsync(tier.Event(1, id, 1));
        Assert.NotNull(await tier.ReadAsync(id, level));

        Assert.True(await tier.PrepareAsync(new Intent(id, First)));
        Assert.Null(await tier.ReadAsync(id, level));

        // The follower is first; what it applies is still the transaction's to show.
        var update = tier.Event(2, id, 2, transaction: First);
        Assert.Equal(2, await tier.ApplyAsync(update));
        Assert.Null(await tier.ReadAsync(id, level));

        await tier.Memory.ApplyAsync([update], Tier.Here, new HashSet<Guid> { First });
        Assert.Equal(2, (await tier.ReadAsync(id, level))!.Version);
    }

    [Fact]
    public async Task An_aborted_transaction_leaves_the_memory_as_it_was()
    {
        await using var tier = await Tier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        await tier.BeginAsync();
        var id = tier.NewId(1);
        await tier.ApplyAsync(tier.Event(1, id, 1));
        await tier.PrepareAsync(new Intent(id, First));

        await tier.Intents.ReleaseAsync([new Intent(id, First)]);

        Assert.Equal(1, (await tier.ReadAsync(id, atLeast: 1))!.Version);
        Assert.False(await tier.Database.KeyExistsAsync(Key(id)));
    }

    [Fact]
    public async Task A_transaction_releases_its_own_intents_only()
    {
        await using var tier = await Tier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        await tier.BeginAsync();
        var id = tier.NewId(1);
        await tier.ApplyAsync(tier.Event(1, id, 1));
        await tier.PrepareAsync(new Intent(id, First), new Intent(id, Second));

        await tier.Memory.ApplyAsync([tier.Event(2, id, 2, transaction: First)], Tier.Here, new HashSet<Guid> { First, Second });
        Assert.Null(await tier.ReadAsync(id, ReadLevel.Eventual));

        await tier.Intents.ReleaseAsync([new Intent(id, First)]);
        Assert.Null(await tier.ReadAsync(id, ReadLevel.Eventual));

        await tier.Intents.ReleaseAsync([new Intent(id, Second)]);
        Assert.Equal(2, (await tier.ReadAsync(id))!.Version);
    }

    [Fact]
    public async Task A_partition_without_an_epoch_gets_its_intents_all_the_same_and_says_that_it_has_none()
    {
        await using var tier = await Tier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        var other = new Partition((byte)(tier.Partition.Value + 1));
        await tier.BeginAsync(other);
        var id = tier.NewId(1);

        var ready = await tier.Intents.PrepareAsync([new Intent(id, First), new Intent(tier.NewId(2, other), First)], [], Tier.Here);
        Assert.Equal([other], ready);

        // An epoch begins with a head from before the commit, and a reader fills what it read then.
        await tier.BeginAsync(head: 1);
        Assert.True(await tier.Memory.FillAsync(tier.Row(id, 1, 1), new Position(1), Tier.Here));
        Assert.Null(await tier.ReadAsync(id, ReadLevel.Eventual));
    }

    [Fact]
    public async Task Another_databases_epoch_is_none()
    {
        await using var tier = await Tier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        await tier.BeginAsync(incarnation: new Incarnation(7));

        Assert.Empty(await tier.Intents.PrepareAsync([], [tier.Partition], Tier.Here));
        Assert.Equal([tier.Partition], await tier.Intents.PrepareAsync([], [tier.Partition], new Incarnation(7)));
    }

    [Fact]
    public async Task Without_an_epoch_nothing_is_released()
    {
        await using var tier = await Tier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        var id = tier.NewId(1);
        await tier.PrepareAsync(new Intent(id, First));

        Assert.Empty(await tier.Memory.ApplyAsync([tier.Event(2, id, 2, transaction: First)], Tier.Here, new HashSet<Guid> { First }));

        // A reader that read before the commit fills only now.
        await tier.BeginAsync(head: 1);
        Assert.True(await tier.Memory.FillAsync(tier.Row(id, 1, 1), new Position(1), Tier.Here));
        Assert.Null(await tier.ReadAsync(id, ReadLevel.Eventual));
    }

    [Fact]
    public async Task An_intent_expires_by_itself()
    {
        await using var tier = await Tier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        var id = tier.NewId(1);
        await tier.PrepareAsync(new Intent(id, First));

        Assert.InRange((await tier.Database.KeyTimeToLiveAsync(Key(id)))!.Value, TimeSpan.FromSeconds(20), MemoryIntents.TimeToLive);
        var over = (long)await tier.Database.HashGetAsync(Key(id), First.ToString("N"));
        Assert.InRange(DateTimeOffset.FromUnixTimeMilliseconds(over) - TimeProvider.System.GetUtcNow(), TimeSpan.FromSeconds(20), MemoryIntents.TimeToLive + TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task On_a_memory_that_is_changed_all_the_time_a_dead_transactions_intent_goes_with_the_next_one()
    {
        await using var tier = await Tier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        await tier.BeginAsync();
        var id = tier.NewId(1);
        await tier.ApplyAsync(tier.Event(1, id, 1));
        await tier.PrepareAsync(new Intent(id, First));
        var past = TimeProvider.System.GetUtcNow().AddSeconds(-1).ToUnixTimeMilliseconds();
        await tier.Database.HashSetAsync(Key(id), First.ToString("N"), past);

        await tier.PrepareAsync(new Intent(id, Second));

        Assert.Equal([Second.ToString("N")], (await tier.Database.HashKeysAsync(Key(id))).Select(field => field.ToString()));
        await tier.Intents.ReleaseAsync([new Intent(id, Second)]);
        Assert.NotNull(await tier.ReadAsync(id));
    }

    [Fact]
    public async Task An_intent_whose_time_is_not_over_survives_the_next_one()
    {
        await using var tier = await Tier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        var id = tier.NewId(1);
        await tier.PrepareAsync(new Intent(id, First));
        await tier.PrepareAsync(new Intent(id, Second));

        Assert.Equal(2, await tier.Database.HashLengthAsync(Key(id)));
    }

    [Fact]
    public async Task A_created_memory_costs_no_intent_and_an_update_beside_it_is_released()
    {
        await using var tier = await Tier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        await tier.BeginAsync();
        var (created, updated) = (tier.NewId(1), tier.NewId(2));
        await tier.ApplyAsync(tier.Event(1, updated, 1));
        await tier.PrepareAsync(new Intent(updated, First));

        MemoryEvent[] events = [tier.Event(2, created, 1, transaction: First), tier.Event(3, updated, 2, transaction: First)];
        await tier.Memory.ApplyAsync(events, Tier.Here, new HashSet<Guid> { First });

        Assert.Equal((1L, 2L), ((await tier.ReadAsync(created, atLeast: 3))!.Version, (await tier.ReadAsync(updated, atLeast: 3))!.Version));
    }

    private static string Key(MemoryId id) => $"intent:{{{id.Partition}}}:{id}";
}
