using MemoryAspire.Contracts.Memories;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Redis.Values;
using MemoryAspire.Redis.Tests.Servers;

namespace MemoryAspire.Redis.Tests;

public abstract class WorkingMemoryTests(RedisServers stores)
{
    [Fact]
    public async Task An_applied_memory_is_served_as_the_json_it_is()
    {
        await using var tier = await Tier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        await tier.BeginAsync();
        var id = tier.NewId(1);

        Assert.Equal(1, await tier.ApplyAsync(tier.Event(1, id, 1)));

        var held = await tier.ReadAsync(id, atLeast: 1);
        Assert.Equal(MemoryJson.Encode(tier.Record(id, 1).Memory), held!.Json.ToArray());
        Assert.Equal((1L, new Position(1)), (held.Version, held.Position));
    }

    [Fact]
    public async Task Without_an_epoch_nothing_is_applied_filled_or_served()
    {
        await using var tier = await Tier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        var id = tier.NewId(1);

        Assert.Null(await tier.ApplyAsync(tier.Event(1, id, 1)));
        Assert.False(await tier.Memory.FillAsync(tier.Row(id, 1, 1), new Position(1), Tier.Here));
        Assert.Null(await tier.ReadAsync(id, ReadLevel.Eventual));
    }

    [Fact]
    public async Task A_lost_control_key_makes_every_value_worthless()
    {
        await using var tier = await Tier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        await tier.BeginAsync();
        var id = tier.NewId(1);
        await tier.ApplyAsync(tier.Event(1, id, 1));

        await tier.Database.KeyDeleteAsync($"control:{{{tier.Partition}}}");
        Assert.Null(await tier.ReadAsync(id, ReadLevel.Eventual));

        await tier.BeginAsync(head: 1, epoch: "e2");
        Assert.Null(await tier.ReadAsync(id, ReadLevel.Eventual));
        Assert.True(await tier.Memory.FillAsync(tier.Row(id, 1, 1), new Position(1), Tier.Here));
        Assert.NotNull(await tier.ReadAsync(id));
    }

    [Fact]
    public async Task Another_databases_values_are_not_served()
    {
        await using var tier = await Tier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        await tier.BeginAsync();
        var id = tier.NewId(1);
        await tier.ApplyAsync(tier.Event(1, id, 1));

        Assert.Equal(ReadVerdict.NoEpoch, (await tier.Memory.ReadAsync(Tier.Tenant, id, ReadLevel.Eventual, Position.None, new Incarnation(7))).Verdict);
        Assert.Empty(await tier.Memory.ApplyAsync([tier.Event(2, id, 2)], new Incarnation(7)));
    }

    [Fact]
    public async Task An_older_version_never_replaces_a_newer_one()
    {
        await using var tier = await Tier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        await tier.BeginAsync();
        var id = tier.NewId(1);

        await tier.ApplyAsync(tier.Event(2, id, 2));
        await tier.ApplyAsync(tier.Event(1, id, 1));

        Assert.Equal(2, (await tier.ReadAsync(id, atLeast: 2))!.Version);
    }

    [Fact]
    public async Task A_late_event_does_not_bring_back_what_a_newer_one_removed()
    {
        await using var tier = await Tier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        await tier.BeginAsync();
        var id = tier.NewId(1);

        await tier.ApplyAsync(tier.Removal(2, id, 2));
        Assert.Equal(2, await tier.ApplyAsync(tier.Event(1, id, 1)));

        Assert.Null(await tier.ReadAsync(id, ReadLevel.Eventual));
    }

    [Fact]
    public async Task Applied_stands_still_at_a_gap_and_jumps_over_what_was_met_ahead()
    {
        await using var tier = await Tier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        await tier.BeginAsync(head: 10);
        var id = tier.NewId(1);

        Assert.Equal(10, await tier.ApplyAsync(tier.Event(12, id, 2)));
        Assert.Equal(10, await tier.ApplyAsync(tier.Event(13, id, 3)));
        Assert.Null(await tier.ReadAsync(id, atLeast: 13));
        Assert.NotNull(await tier.ReadAsync(id, ReadLevel.Eventual));
        Assert.Equal(13, await tier.ApplyAsync(tier.Event(11, id, 1)));
        Assert.Equal(3, (await tier.ReadAsync(id, atLeast: 13))!.Version);
        Assert.Equal(4, await tier.Database.HashLengthAsync($"control:{{{tier.Partition}}}"));
    }

    [Fact]
    public async Task Applying_an_event_again_changes_nothing()
    {
        await using var tier = await Tier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        await tier.BeginAsync();
        var id = tier.NewId(1);
        await tier.ApplyAsync(tier.Event(1, id, 1), tier.Event(2, id, 2));

        Assert.Equal(2, await tier.ApplyAsync(tier.Event(1, id, 1), tier.Event(2, id, 2)));
        Assert.Equal(2, (await tier.ReadAsync(id, atLeast: 2))!.Version);
    }

    [Fact]
    public async Task A_fill_that_slept_through_a_write_is_refused()
    {
        await using var tier = await Tier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        await tier.BeginAsync(head: 5);
        var id = tier.NewId(1);

        // The row was read at head 5; since then the memory was removed by event 6.
        await tier.ApplyAsync(tier.Removal(6, id, 2));

        Assert.False(await tier.Memory.FillAsync(tier.Row(id, 1, 3), new Position(5), Tier.Here));
        Assert.Null(await tier.ReadAsync(id, ReadLevel.Eventual));
    }

    [Fact]
    public async Task A_fill_ahead_of_the_log_survives_the_older_events_that_follow()
    {
        await using var tier = await Tier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        await tier.BeginAsync(head: 5);
        var id = tier.NewId(1);

        Assert.True(await tier.Memory.FillAsync(tier.Row(id, 3, 8), new Position(9), Tier.Here));
        await tier.ApplyAsync(tier.Event(6, id, 1), tier.Event(7, id, 2), tier.Event(8, id, 3), tier.Removal(9, tier.NewId(2), 2));

        Assert.Equal(3, (await tier.ReadAsync(id, atLeast: 9))!.Version);
    }

    [Fact]
    public async Task Of_two_fills_ahead_of_the_log_the_newer_one_stays()
    {
        await using var tier = await Tier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        await tier.BeginAsync(head: 5);
        var id = tier.NewId(1);

        Assert.True(await tier.Memory.FillAsync(tier.Row(id, 3, 8), new Position(9), Tier.Here));
        Assert.False(await tier.Memory.FillAsync(tier.Row(id, 2, 7), new Position(7), Tier.Here));

        Assert.Equal(3, (await tier.ReadAsync(id))!.Version);
    }

    [Fact]
    public async Task A_session_read_is_served_only_when_its_position_is_applied()
    {
        await using var tier = await Tier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        await tier.BeginAsync();
        var id = tier.NewId(1);
        await tier.ApplyAsync(tier.Event(1, id, 1));

        Assert.NotNull(await tier.ReadAsync(id, ReadLevel.Session, atLeast: 1));
        Assert.Null(await tier.ReadAsync(id, ReadLevel.Session, atLeast: 2));
        Assert.NotNull(await tier.ReadAsync(id, ReadLevel.Eventual, atLeast: 2));
        Assert.Null(await tier.ReadAsync(id, ReadLevel.Strong));
    }

    [Fact]
    public async Task Another_tenant_is_not_served()
    {
        await using var tier = await Tier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        await tier.BeginAsync();
        var id = tier.NewId(1);
        await tier.ApplyAsync(tier.Event(1, id, 1));

        Assert.Null(await tier.ReadAsync(id, ReadLevel.Eventual, tenant: "other"));
    }

    [Fact]
    public async Task A_memory_is_absent_from_the_instant_it_expires()
    {
        await using var tier = await Tier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        await tier.BeginAsync();
        var id = tier.NewId(1);
        await tier.ApplyAsync(tier.Event(1, id, 1, tier.Time.GetUtcNow().AddSeconds(30)));

        Assert.InRange((await tier.Database.KeyTimeToLiveAsync(Key(tier, id)))!.Value.TotalSeconds, 25, 30);
        Assert.NotNull(await tier.ReadAsync(id));
        tier.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Null(await tier.ReadAsync(id));
        Assert.False(await tier.Memory.FillAsync(tier.Row(id, 2, 2, tier.Time.GetUtcNow()), new Position(2), Tier.Here));
    }

    [Fact]
    public async Task A_value_whose_bytes_were_changed_is_not_served()
    {
        await using var tier = await Tier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        await tier.BeginAsync();
        var id = tier.NewId(1);
        await tier.ApplyAsync(tier.Event(1, id, 1));

        await tier.Database.HashSetAsync(Key(tier, id), "j", """{"content":"forged"}""");

        Assert.Null(await tier.ReadAsync(id, ReadLevel.Eventual));
    }

    [Fact]
    public async Task Values_have_a_time_to_live_and_control_keys_have_none()
    {
        await using var tier = await Tier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        await tier.BeginAsync();
        var id = tier.NewId(1);
        await tier.ApplyAsync(tier.Event(1, id, 1));

        Assert.InRange((await tier.Database.KeyTimeToLiveAsync(Key(tier, id)))!.Value.TotalSeconds, 3500, 3600);
        Assert.Null(await tier.Database.KeyTimeToLiveAsync($"control:{{{tier.Partition}}}"));
    }

    [Fact]
    public async Task Of_two_followers_that_begin_an_epoch_the_one_that_announced_last_may()
    {
        await using var tier = await Tier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        await tier.Memory.AnnounceEpochAsync(tier.Partition, "first");
        await tier.Memory.AnnounceEpochAsync(tier.Partition, "second");

        Assert.False(await tier.Memory.BeginEpochAsync(tier.Partition, "first", "e1", Tier.Here, new Position(1)));
        Assert.True(await tier.Memory.BeginEpochAsync(tier.Partition, "second", "e2", Tier.Here, new Position(2)));
        Assert.False(await tier.Memory.BeginEpochAsync(tier.Partition, "second", "e3", Tier.Here, new Position(3)));
        await tier.Memory.AnnounceEpochAsync(tier.Partition, "third");
        Assert.False(await tier.Memory.BeginEpochAsync(tier.Partition, "third", "e4", Tier.Here, new Position(4)));
        Assert.Equal("e2", (await tier.Memory.ReadControlsAsync([tier.Partition]))[tier.Partition]!.Epoch);
    }

    [Fact]
    public async Task Scripts_are_loaded_again_after_redis_forgot_them()
    {
        await using var tier = await Tier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        await tier.BeginAsync();
        var id = tier.NewId(1);
        await tier.ApplyAsync(tier.Event(1, id, 1));

        await tier.Database.ExecuteAsync("SCRIPT", "FLUSH");

        Assert.Equal(2, await tier.ApplyAsync(tier.Event(2, id, 2)));
    }

    private static string Key(Tier tier, Contracts.Identity.MemoryId id) => $"memory:{{{tier.Partition}}}:{id}";
}
