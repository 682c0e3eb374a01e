using System.Diagnostics;
using MemoryAspire.TestStores;
using static MemoryAspire.Participants.Tests.Proposals;

namespace MemoryAspire.Participants.Tests;

public sealed class RedisParticipantTests(StoresFixture stores)
{
    [Fact]
    public async Task Creates_need_no_vote_and_cost_no_round_trip()
    {
        await using var server = await RedisServer.StartAsync();
        await using var tier = await RedisTier.OpenAsync(server.ConnectionString);
        await server.KillAsync();

        var votes = await tier.Participant.PrepareAsync(Propose(Transaction(Create(NewId())), Transaction(Create(NewId(There)))), Stop);

        Assert.Equal(["yes", "yes"], votes.Words());
    }

    [Fact]
    public async Task Where_everybody_must_take_part_the_control_keys_are_asked()
    {
        await using var tier = await RedisTier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        await tier.BeginAsync(Here);

        var votes = await tier.Participant.PrepareAsync(Propose(
            Transaction(Create(NewId())) with { RequireAll = true },
            Transaction(Create(NewId()), Create(NewId(There))) with { RequireAll = true },
            Transaction(Create(NewId(There)))), Stop);

        Assert.Equal(["yes", "absent", "yes"], votes.Words());
    }

    [Fact]
    public async Task An_update_is_hidden_from_prepare_until_it_is_committed()
    {
        await using var tier = await RedisTier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        await tier.BeginAsync(Here);
        var id = NewId();
        var create = Transaction(Create(id));
        Assert.Equal([true], await tier.Participant.CommitAsync(Decide((create, [Event(create, id, 1, 1)]))));
        Assert.Equal(1, await tier.VersionOfAsync(id));

        var update = Transaction(Update(id));
        Assert.Equal(["yes"], (await tier.Participant.PrepareAsync(Propose(update), Stop)).Words());
        Assert.Null(await tier.VersionOfAsync(id));

        Assert.Equal([true], await tier.Participant.CommitAsync(Decide((update, [Event(update, id, 2, 2)]))));
        Assert.Equal(2, await tier.VersionOfAsync(id));
        Assert.False(await tier.HasIntentAsync(id));
    }

    [Fact]
    public async Task An_aborted_update_shows_the_memory_again()
    {
        await using var tier = await RedisTier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        await tier.BeginAsync(Here);
        var id = NewId();
        await tier.FillAsync(id, 1, 1, 1);
        var (first, second) = (Transaction(Update(id)), Transaction(Update(id)));
        await tier.Participant.PrepareAsync(Propose(first, second), Stop);

        await tier.Participant.AbortAsync(Propose(first));
        Assert.Null(await tier.VersionOfAsync(id));
        await tier.Participant.AbortAsync(Propose(second));
        Assert.Equal(1, await tier.VersionOfAsync(id));
    }

    [Fact]
    public async Task Over_several_partitions_all_or_none_of_the_intents_are_released()
    {
        await using var tier = await RedisTier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        await tier.BeginAsync(Here);
        var (here, there) = (NewId(), NewId(There));
        await tier.FillAsync(here, 1, 1, 1);
        var update = Transaction(Update(here), Update(there));
        Assert.Equal(["absent"], (await tier.Participant.PrepareAsync(Propose(update), Stop)).Words());

        // There has no epoch and refuses.
        var decision = Decide((update, [Event(update, here, 2, 2), Event(update, there, 2, 2)]));
        Assert.Equal([false], await tier.Participant.CommitAsync(decision));
        Assert.Null(await tier.VersionOfAsync(here));

        // An epoch begins with a head from before, and a reader from before fills: it must not be seen beside the new half.
        await tier.BeginAsync(There, head: 1);
        Assert.True(await tier.FillAsync(there, 1, 1, 1));
        Assert.Null(await tier.VersionOfAsync(there));

        Assert.Equal([true], await tier.Participant.CommitAsync(decision));
        Assert.Equal((2, 2), (await tier.VersionOfAsync(here), await tier.VersionOfAsync(there)));
    }

    [Fact]
    public async Task In_a_group_each_transaction_has_its_own_outcome()
    {
        await using var tier = await RedisTier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        await tier.BeginAsync(Here);
        var (here, there) = (NewId(), NewId(There));
        var (first, second) = (Transaction(Create(here)), Transaction(Create(there)));

        var applied = await tier.Participant.CommitAsync(Decide((first, [Event(first, here, 1, 1)]), (second, [Event(second, there, 1, 1)])));

        Assert.Equal([true, false], applied);
    }

    [Fact]
    public async Task A_repeated_request_releases_what_it_took_though_the_events_are_the_first_ones()
    {
        await using var tier = await RedisTier.OpenAsync(await stores.CreateRedisDatabaseAsync());
        await tier.BeginAsync(Here);
        var id = NewId();
        var (first, again) = (Transaction(Update(id)), Transaction(Update(id)));
        var events = new[] { Event(first, id, 1, 2) };
        await tier.Participant.PrepareAsync(Propose(again), Stop);

        await tier.Participant.CommitAsync(Decide((again, events)));

        Assert.False(await tier.HasIntentAsync(id));
    }

    [Fact]
    public async Task A_redis_that_is_away_is_absent_and_throws_nowhere()
    {
        await using var server = await RedisServer.StartAsync();
        await using var tier = await RedisTier.OpenAsync(server.ConnectionString);
        await server.KillAsync();
        var update = Transaction(Update(NewId()));

        var begun = Stopwatch.GetTimestamp();
        var votes = await tier.Participant.PrepareAsync(
            Propose(update, Transaction(Create(NewId())), Transaction(Create(NewId())) with { RequireAll = true }), Stop);
        Assert.Equal(["absent", "yes", "absent"], votes.Words());
        Assert.Equal([false], await tier.Participant.CommitAsync(Decide((update, [Event(update, NewId(), 1, 2)]))));
        await tier.Participant.AbortAsync(Propose(update));
        Assert.InRange(Stopwatch.GetElapsedTime(begun), TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_redis_that_hangs_is_absent_as_soon_as_the_coordinator_waits_no_longer()
    {
        await using var server = await RedisServer.StartAsync();
        await using var tier = await RedisTier.OpenAsync(server.ConnectionString);
        await using var other = await StackExchange.Redis.ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        await other.GetDatabase().ExecuteAsync("CLIENT", "PAUSE", "60000", "ALL");
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));

        var votes = await tier.Participant.PrepareAsync(Propose(Transaction(Update(NewId())), Transaction(Create(NewId()))), patience.Token)
            .WaitAsync(TimeSpan.FromSeconds(5), Stop);

        Assert.Equal(["absent", "yes"], votes.Words());
    }
}
