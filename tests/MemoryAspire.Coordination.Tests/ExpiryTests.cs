using MemoryAspire.Coordination.Expiry;
using MemoryAspire.Postgres.Conflicts;
using MemoryAspire.Postgres.Memories;
using MemoryAspire.Postgres.Writes;
using MemoryAspire.TestStores;

namespace MemoryAspire.Coordination.Tests;

public sealed class ExpiryTests(StoresFixture stores)
{
    private const string ExpiredOnce =
        "select count(*) = count(distinct memory_id) and bool_and(version = 2 and actor = 'expiry') from memory_events where type = 'expired'";

    private static readonly DateTimeOffset Past = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_sweeps_however_often_each_memory_expires_once()
    {
        var database = await stores.CreatePostgresDatabaseAsync();
        await using var one = await Coordinator.StartAsync(database);
        await using var other = await Coordinator.StartAsync(database);
        await CreateAsync(one, count: 120, Past);
        await CreateAsync(one, count: 30, null);

        var sweeps = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => SweepAsync(number % 2 == 0 ? one : other, limit: 50)));
        while ((await SweepAsync(one, limit: 50)).Found > 0) await Task.Yield();

        Assert.Contains(sweeps, sweep => sweep.Expired > 0);
        Assert.Equal(120, await one.ScalarAsync<long>("select count(*) from memory_events where type = 'expired'"));
        Assert.True(await one.ScalarAsync<bool>(ExpiredOnce));
        Assert.Equal(30, await one.ScalarAsync<long>("select count(*) from memories"));
        Assert.True(await one.ScalarAsync<bool>(
            "select bool_and(head = (select count(*) from memory_events e where e.partition = h.partition)) from partition_heads h"));
    }

    [Fact]
    public async Task Those_that_have_waited_longest_come_first_and_no_more_than_asked_for()
    {
        await using var coordinator = await StartAsync();
        await CreateAsync(coordinator, count: 3, Past);
        await CreateAsync(coordinator, count: 3, Past.AddYears(-1), "early");

        var swept = await SweepAsync(coordinator, limit: 3);

        Assert.Equal((3, 3, false), (swept.Found, swept.Expired, swept.IsRefused));
        Assert.Equal(["early"], await coordinator.ScalarAsync<string[]>("""select array_agg(distinct "user") from memory_events where type = 'expired'"""));
    }

    [Fact]
    public async Task Whoever_gave_it_more_time_before_the_lock_has_won()
    {
        await using var coordinator = await StartAsync();
        var create = coordinator.NewMemory("Stays.") with { ExpiresAt = DateTimeOffset.UtcNow.AddHours(1) };
        await coordinator.CommitAsync(create);

        // As if it had been found due, and the time had been moved since.
        var swept = await coordinator.CommitAsync(new WriteOperation.Expire(create.Id));

        Assert.Empty(Assert.IsType<WriteOutcome.Committed>(swept.Outcome).Events);
        Assert.Equal(1, await coordinator.ScalarAsync<long>("select count(*) from memories"));
    }

    [Fact]
    public async Task In_the_same_transaction_an_update_that_gives_more_time_wins_too()
    {
        await using var coordinator = await StartAsync();
        var create = coordinator.NewMemory("Stays.") with { ExpiresAt = DateTimeOffset.UtcNow.AddHours(1) };
        await coordinator.CommitAsync(create);
        var never = new MemoryPatch { ExpiresAt = new ExpiryChange(null) };

        var outcome = await coordinator.CommitAsync(new WriteOperation.Update(create.Id, never), new WriteOperation.Expire(create.Id));

        Assert.Single(Assert.IsType<WriteOutcome.Committed>(outcome.Outcome).Events);
    }

    [Fact]
    public async Task A_memory_of_another_tenant_or_that_is_gone_does_not_expire()
    {
        await using var coordinator = await StartAsync();
        var create = coordinator.NewMemory("Theirs.") with { ExpiresAt = Past };
        await coordinator.CommitAsync(create);

        var foreign = await coordinator.CommitAsync(Guid.CreateVersion7(), null, false, "other", new WriteOperation.Expire(create.Id));
        var own = await coordinator.CommitAsync(new WriteOperation.Expire(create.Id), new WriteOperation.Expire(create.Id));
        var again = await coordinator.CommitAsync(new WriteOperation.Expire(create.Id));

        Assert.Empty(((WriteOutcome.Committed)foreign.Outcome).Events);
        Assert.Single(((WriteOutcome.Committed)own.Outcome).Events);
        Assert.Empty(((WriteOutcome.Committed)again.Outcome).Events);
    }

    [Fact]
    public async Task A_sweeper_that_dies_behind_the_commit_leaves_nothing_to_sweep()
    {
        var database = await stores.CreatePostgresDatabaseAsync();
        await using var dying = await Coordinator.StartAsync(database);
        await CreateAsync(dying, count: 5, Past);
        var never = new TaskCompletionSource();
        dying.Redis.BeforeCommit = never.Task;

        var sweeping = SweepAsync(dying, limit: 10);
        await using var next = await Coordinator.StartAsync(database);
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        bound.CancelAfter(TimeSpan.FromSeconds(30));
        while (await next.ScalarAsync<long>("select count(*) from memories") > 0) await Task.Delay(10, bound.Token);
        var swept = await SweepAsync(next, limit: 10);
        never.SetResult();
        await sweeping;

        Assert.Equal((0, 0), (swept.Found, swept.Expired));
        Assert.True(await next.ScalarAsync<bool>(ExpiredOnce));
    }

    private async Task<Coordinator> StartAsync() => await Coordinator.StartAsync(await stores.CreatePostgresDatabaseAsync());

    private static Task<Sweep> SweepAsync(Coordinator coordinator, int limit) =>
        new ExpirySweep(new DueMemories(coordinator.Source), coordinator.Transactions, TimeProvider.System).RunAsync(coordinator.Database, limit, Cancellation);

    private static Task<Coordinated[]> CreateAsync(Coordinator coordinator, int count, DateTimeOffset? expiresAt, string? user = null) => Task.WhenAll(
        Enumerable.Range(0, count).Select(number => coordinator.CommitAsync(
            coordinator.NewMemory($"Memory {number}.", user ?? $"user {number % 10}") with { ExpiresAt = expiresAt })));
}
