using MemoryAspire.Postgres.Locks;
using MemoryAspire.Postgres.Writes;
using MemoryAspire.TestStores;

namespace MemoryAspire.Postgres.Tests;

public sealed class LockTests(StoresFixture stores)
{
    private static readonly LockName Name = new(Episode.Tenant, "nightly report");

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private static readonly IdempotencyKey Key = new("key-1", new byte[] { 1, 2, 3 });

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_racing_acquirers_exactly_one_is_granted()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var locks = Locks(episode);

        for (var round = 1; round <= 3; round++)
        {
            var outcomes = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => locks.AcquireAsync(Name, Minute, null, Cancellation)));

            var granted = Assert.Single(outcomes.OfType<LockOutcome.Done>());
            Assert.Equal(round, granted.Lease.FencingToken);
            Assert.All(outcomes.OfType<LockOutcome.Held>(), held => Assert.Equal(granted.Lease.ExpiresAt, held.ExpiresAt));
            Assert.Equal(31, outcomes.OfType<LockOutcome.Held>().Count());
            await LapseAsync(episode);
        }
    }

    [Fact]
    public async Task Fencing_tokens_only_grow()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var locks = Locks(episode);

        for (var token = 1; token <= 6; token++)
        {
            Assert.Equal(token, (await AcquireAsync(locks)).FencingToken);
            if (token % 2 == 0) await LapseAsync(episode);
            else Assert.IsType<LockOutcome.Done>(await locks.ReleaseAsync(Name, token, null, Cancellation));
        }
    }

    [Fact]
    public async Task A_held_lock_says_until_when()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var locks = Locks(episode);
        var lease = await AcquireAsync(locks);

        var held = Assert.IsType<LockOutcome.Held>(await locks.AcquireAsync(Name, Minute, null, Cancellation));

        Assert.Equal(lease.ExpiresAt, held.ExpiresAt);
        Assert.InRange(held.Remaining, TimeSpan.FromSeconds(1), Minute);
    }

    [Fact]
    public async Task The_current_token_renews_and_keeps_its_number()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var locks = Locks(episode);
        var lease = await AcquireAsync(locks);

        var longer = Assert.IsType<LockOutcome.Done>(await locks.RenewAsync(Name, lease.FencingToken, 5 * Minute, null, Cancellation)).Lease;
        var shorter = Assert.IsType<LockOutcome.Done>(await locks.RenewAsync(Name, lease.FencingToken, Minute / 2, null, Cancellation)).Lease;

        Assert.Equal((lease.FencingToken, lease.FencingToken), (longer.FencingToken, shorter.FencingToken));
        Assert.InRange(longer.ExpiresAt - lease.ExpiresAt, 4 * Minute, 5 * Minute);
        Assert.True(shorter.ExpiresAt < lease.ExpiresAt);
    }

    [Fact]
    public async Task A_lapsed_lease_is_renewed_while_nobody_had_the_lock_since()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var locks = Locks(episode);
        var first = await AcquireAsync(locks);
        await LapseAsync(episode);

        var renewed = Assert.IsType<LockOutcome.Done>(await locks.RenewAsync(Name, first.FencingToken, Minute, null, Cancellation));
        Assert.IsType<LockOutcome.Held>(await locks.AcquireAsync(Name, Minute, null, Cancellation));
        await LapseAsync(episode);
        var second = await AcquireAsync(locks);

        Assert.Equal(first.FencingToken, renewed.Lease.FencingToken);
        Assert.Equal(new LockOutcome.Held(second.ExpiresAt, default), Timeless(await locks.RenewAsync(Name, first.FencingToken, Minute, null, Cancellation)));
        Assert.Equal(new LockOutcome.Held(second.ExpiresAt, default), Timeless(await locks.ReleaseAsync(Name, first.FencingToken, null, Cancellation)));
    }

    [Fact]
    public async Task What_is_not_held_is_neither_renewed_nor_released()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var locks = Locks(episode);

        Assert.IsType<LockOutcome.NotHeld>(await locks.RenewAsync(Name, 1, Minute, null, Cancellation));
        Assert.IsType<LockOutcome.NotHeld>(await locks.ReleaseAsync(Name, 1, null, Cancellation));

        var released = await AcquireAsync(locks);
        Assert.IsType<LockOutcome.Done>(await locks.ReleaseAsync(Name, released.FencingToken, null, Cancellation));
        Assert.IsType<LockOutcome.NotHeld>(await locks.ReleaseAsync(Name, released.FencingToken, null, Cancellation));
        Assert.IsType<LockOutcome.NotHeld>(await locks.RenewAsync(Name, released.FencingToken, Minute, null, Cancellation));

        var lapsed = await AcquireAsync(locks);
        await LapseAsync(episode);
        Assert.IsType<LockOutcome.NotHeld>(await locks.ReleaseAsync(Name, lapsed.FencingToken, null, Cancellation));
    }

    [Fact]
    public async Task Each_tenant_and_each_name_has_a_lock_of_its_own()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var locks = Locks(episode);

        await AcquireAsync(locks);

        Assert.IsType<LockOutcome.Done>(await locks.AcquireAsync(Name with { Tenant = "other" }, Minute, null, Cancellation));
        Assert.IsType<LockOutcome.Done>(await locks.AcquireAsync(Name with { Name = "Nightly report" }, Minute, null, Cancellation));
        Assert.IsType<LockOutcome.NotHeld>(await locks.ReleaseAsync(Name with { Tenant = "third" }, 1, null, Cancellation));
    }

    [Fact]
    public async Task A_repeated_request_tells_the_same_again_and_changes_nothing()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var locks = Locks(episode);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => locks.AcquireAsync(Name, Minute, Key, Cancellation)));

        Assert.Single(outcomes.Cast<LockOutcome.Done>(), done => !done.Replayed);
        Assert.Single(outcomes.Cast<LockOutcome.Done>().Select(done => done.Lease).Distinct());
        Assert.Equal(1, await episode.ScalarAsync<long>("select fencing_token from locks"));
        Assert.IsType<LockOutcome.KeyReused>(await locks.ReleaseAsync(Name, 1, Key with { RequestHash = new byte[] { 9 } }, Cancellation));
    }

    [Fact]
    public async Task A_refused_request_leaves_its_key_free()
    {
        await using var episode = await Episode.BeginAsync(await stores.CreatePostgresDatabaseAsync());
        var locks = Locks(episode);
        await AcquireAsync(locks);

        Assert.IsType<LockOutcome.Held>(await locks.AcquireAsync(Name, Minute, Key, Cancellation));
        await LapseAsync(episode);

        Assert.Equal(2, Assert.IsType<LockOutcome.Done>(await locks.AcquireAsync(Name, Minute, Key, Cancellation)).Lease.FencingToken);
    }

    private static NamedLocks Locks(Episode episode) => new(episode.Source, new TransactionStatus(episode.Source, TimeProvider.System));

    private static async Task<LockLease> AcquireAsync(NamedLocks locks) =>
        Assert.IsType<LockOutcome.Done>(await locks.AcquireAsync(Name, Minute, null, Cancellation)).Lease;

    private static LockOutcome Timeless(LockOutcome outcome) => Assert.IsType<LockOutcome.Held>(outcome) with { Remaining = default };

    /// <summary>As if the leases had been granted two minutes ago.</summary>
    private static async Task LapseAsync(Episode episode)
    {
        await using var command = episode.Source.CreateCommand("update locks set expires_at = expires_at - interval '2 minutes'");
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
