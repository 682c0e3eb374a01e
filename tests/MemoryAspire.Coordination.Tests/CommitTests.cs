using MemoryAspire.Coordination.Participants;
using MemoryAspire.Postgres.Conflicts;
using MemoryAspire.Postgres.Writes;
using MemoryAspire.TestStores;
using Npgsql;

namespace MemoryAspire.Coordination.Tests;

public sealed class CommitTests(StoresFixture stores)
{
    [Fact]
    public async Task A_committed_write_is_told_to_every_participant_and_says_which_have_it()
    {
        await using var coordinator = await Coordinator.StartAsync(await stores.CreatePostgresDatabaseAsync());
        coordinator.Index.Applies = _ => false;
        var id = Guid.CreateVersion7();

        var (outcome, tiers) = await coordinator.CommitAsync(id, null, false, "default", coordinator.NewMemory("Ada prefers tea."));

        Assert.Equal(id, Assert.Single(Assert.IsType<WriteOutcome.Committed>(outcome).Events).TransactionId);
        Assert.Equal(new TierStates(Redis: true, Index: false), tiers);
        Assert.Equal([$"commit index {id}", $"commit redis {id}"], coordinator.Notes.Order());
    }

    [Fact]
    public async Task A_no_vote_stores_nothing_and_everything_taken_is_released_in_reverse()
    {
        await using var coordinator = await Coordinator.StartAsync(await stores.CreatePostgresDatabaseAsync());
        coordinator.Index.Votes = _ => new Vote.No("It is full.");
        var id = Guid.CreateVersion7();

        var (outcome, _) = await coordinator.CommitAsync(id, null, false, "default", coordinator.NewMemory("Never."));

        Assert.Equal(new WriteOutcome.Refused("index", "It is full."), outcome);
        Assert.Equal(0, await coordinator.ScalarAsync<long>("select count(*) from memory_events"));
        Assert.Equal(0m, await coordinator.ScalarAsync<decimal>("select sum(head) from partition_heads"));
        Assert.Equal([$"abort index {id}", $"abort redis {id}"], coordinator.Notes);
    }

    [Fact]
    public async Task An_absent_participant_is_passed_over_unless_all_are_required()
    {
        await using var coordinator = await Coordinator.StartAsync(await stores.CreatePostgresDatabaseAsync());
        coordinator.Redis.Votes = _ => new Vote.Absent("It is away.");
        coordinator.Redis.Applies = _ => false;

        var passed = await coordinator.CommitAsync(coordinator.NewMemory("Stored."));
        var required = await coordinator.CommitAsync(Guid.CreateVersion7(), null, true, "default", coordinator.NewMemory("Not stored."));

        Assert.IsType<WriteOutcome.Committed>(passed.Outcome);
        Assert.Equal(new TierStates(Redis: false, Index: true), passed.Tiers);
        Assert.Equal(new WriteOutcome.Unreachable("redis"), required.Outcome);
        Assert.Equal(1, await coordinator.ScalarAsync<long>("select count(*) from memories"));
    }

    [Fact]
    public async Task Prepare_that_does_not_answer_delays_nobody_for_long()
    {
        await using var coordinator = await Coordinator.StartAsync(await stores.CreatePostgresDatabaseAsync());
        coordinator.Redis.Before = new TaskCompletionSource().Task;

        var passed = await coordinator.CommitAsync(coordinator.NewMemory("Stored."));
        var required = await coordinator.CommitAsync(Guid.CreateVersion7(), null, true, "default", coordinator.NewMemory("Not stored."));

        Assert.IsType<WriteOutcome.Committed>(passed.Outcome);
        Assert.Equal(new WriteOutcome.Unreachable("redis"), required.Outcome);
    }

    [Fact]
    public async Task A_participant_that_throws_after_the_decision_is_pending_and_takes_nobody_with_it()
    {
        await using var coordinator = await Coordinator.StartAsync(await stores.CreatePostgresDatabaseAsync());
        coordinator.Index.BeforeCommit = Task.FromException(new InvalidOperationException("A bug."));

        var (outcome, tiers) = await coordinator.CommitAsync(coordinator.NewMemory("Stored."));

        Assert.IsType<WriteOutcome.Committed>(outcome);
        Assert.Equal(new TierStates(Redis: true, Index: false), tiers);
    }

    [Fact]
    public async Task What_waits_while_a_group_is_decided_shares_the_next_commit()
    {
        await using var coordinator = await Coordinator.StartAsync(await stores.CreatePostgresDatabaseAsync(), ("Writes:Lanes", "1"));

        await Task.WhenAll(Enumerable.Range(0, 200).Select(at => coordinator.CommitAsync(coordinator.NewMemory($"memory {at}", $"user {at}"))));

        Assert.Equal(200, await coordinator.ScalarAsync<long>("select count(*) from memory_events"));
        Assert.InRange(await coordinator.ScalarAsync<long>("select count(distinct xmin::text) from memory_events"), 1, 100);
    }

    [Fact]
    public async Task Requests_of_one_group_fail_and_succeed_each_for_itself()
    {
        await using var coordinator = await Coordinator.StartAsync(await stores.CreatePostgresDatabaseAsync(), ("Writes:Lanes", "1"));
        var known = coordinator.NewMemory("known");
        await coordinator.CommitAsync(known);
        var release = new TaskCompletionSource();
        coordinator.Redis.Before = release.Task;
        var holding = coordinator.CommitAsync(coordinator.NewMemory("holds the lane"));

        // PostgreSQL cannot store U+0000: the whole group's statements fail with it.
        var poison = coordinator.CommitAsync(coordinator.NewMemory("poison \0"));
        var conflict = coordinator.CommitAsync(new WriteOperation.Update(known.Id, new MemoryPatch { Importance = 1 }, IfMatch: 7));
        var missing = coordinator.CommitAsync(new WriteOperation.Delete(coordinator.NewMemory("never stored").Id));
        var good = Enumerable.Range(0, 10).Select(at => coordinator.CommitAsync(coordinator.NewMemory($"good {at}"))).ToList();
        coordinator.Redis.Before = Task.CompletedTask;
        release.SetResult();

        Assert.IsType<WriteOutcome.Committed>((await holding).Outcome);
        Assert.Equal(PostgresErrorCodes.CharacterNotInRepertoire, (await Assert.ThrowsAsync<PostgresException>(() => poison)).SqlState);
        Assert.IsType<WriteOutcome.VersionConflict>((await conflict).Outcome);
        Assert.IsType<WriteOutcome.NotFound>((await missing).Outcome);
        Assert.All(await Task.WhenAll(good), one => Assert.IsType<WriteOutcome.Committed>(one.Outcome));
        Assert.Equal(12, await coordinator.ScalarAsync<long>("select max(head) from partition_heads"));
    }

    [Fact]
    public async Task A_key_that_another_process_holds_is_waited_for_without_holding_up_others()
    {
        await using var coordinator = await Coordinator.StartAsync(await stores.CreatePostgresDatabaseAsync(), ("Writes:Lanes", "1"));
        var key = new IdempotencyKey("key-1", new byte[] { 1 });
        var first = coordinator.Transaction(key, coordinator.NewMemory("once", "bob"));
        Task<Coordinated> second;
        await using (var held = await coordinator.Writer.BeginAsync([first], TestContext.Current.CancellationToken))
        {
            second = coordinator.CommitAsync(Guid.CreateVersion7(), key, false, "default", coordinator.NewMemory("once"));
            Assert.IsType<WriteOutcome.Committed>((await coordinator.CommitAsync(coordinator.NewMemory("somebody else"))).Outcome);
            Assert.False(second.IsCompleted);
            held.Plan(new Dictionary<Guid, WriteOutcome>());
            await held.CommitAsync();
        }

        var replayed = Assert.IsType<WriteOutcome.Committed>((await second).Outcome);
        Assert.True(replayed.Replayed);
        Assert.Equal(first.Operations[0].Id, Assert.Single(replayed.Events).MemoryId);
    }

    [Fact]
    public async Task A_key_held_too_long_is_reported_as_in_flight()
    {
        await using var coordinator = await Coordinator.StartAsync(await stores.CreatePostgresDatabaseAsync());
        var key = new IdempotencyKey("key-1", new byte[] { 1 });
        await using var held = await coordinator.Writer.BeginAsync([coordinator.Transaction(key, coordinator.NewMemory("once", "bob"))], TestContext.Current.CancellationToken);

        var second = await coordinator.CommitAsync(Guid.CreateVersion7(), key, false, "default", coordinator.NewMemory("once"));

        Assert.IsType<WriteOutcome.KeyInFlight>(second.Outcome);
    }

    [Fact]
    public async Task While_postgres_is_away_nothing_remains_with_the_participants_and_writing_resumes_by_itself()
    {
        await using var server = await PostgresServer.StartAsync();
        await using var coordinator = await Coordinator.StartAsync(await server.CreateDatabaseAsync(), ("Resilience:PostgresWrite:BreakDuration", "00:00:00.5"));
        await coordinator.CommitAsync(coordinator.NewMemory("before"));
        coordinator.Notes.Clear();
        await server.KillAsync();
        var id = Guid.CreateVersion7();

        await Assert.ThrowsAnyAsync<NpgsqlException>(() => coordinator.CommitAsync(id, null, false, "default", coordinator.NewMemory("during")));

        Assert.Equal([$"abort index {id}", $"abort redis {id}"], coordinator.Notes);
        await server.RestartAsync();
        await CommitOnceConnectedAsync(coordinator, "after");
        Assert.Equal(2, await coordinator.ScalarAsync<long>("select count(*) from memories"));
    }

    /// <summary>The first connections of the pool after the crash may be broken ones.</summary>
    private static async Task CommitOnceConnectedAsync(Coordinator coordinator, string content)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                Assert.IsType<WriteOutcome.Committed>((await coordinator.CommitAsync(coordinator.NewMemory(content))).Outcome);
                return;
            }
            catch (NpgsqlException) when (attempt < 20)
            {
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }
        }
    }

    [Fact]
    public async Task Too_many_waiting_writes_are_refused_at_once()
    {
        await using var coordinator = await Coordinator.StartAsync(
            await stores.CreatePostgresDatabaseAsync(), ("Writes:Lanes", "1"), ("Writes:WaitingMax", "5"), ("Writes:PrepareMax", "00:00:10"));
        var release = new TaskCompletionSource();
        coordinator.Redis.Before = release.Task;
        var holding = coordinator.CommitAsync(coordinator.NewMemory("holds the lane"));

        var many = Enumerable.Range(0, 20).Select(at => coordinator.CommitAsync(coordinator.NewMemory($"memory {at}"))).ToList();
        release.SetResult();

        var outcomes = (await Task.WhenAll([holding, .. many])).Select(one => one.Outcome).ToList();
        Assert.InRange(outcomes.OfType<WriteOutcome.Overloaded>().Count(), 10, 16);
        Assert.Equal(outcomes.OfType<WriteOutcome.Committed>().Count(), await coordinator.ScalarAsync<long>("select count(*) from memories"));
    }
}
