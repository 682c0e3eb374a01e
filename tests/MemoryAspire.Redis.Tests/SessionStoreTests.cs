using System.Text.Json;
using MemoryAspire.Redis.Sessions;
using MemoryAspire.Redis.Tests.Servers;
using StackExchange.Redis;

namespace MemoryAspire.Redis.Tests;

public abstract class SessionStoreTests(RedisServers servers)
{
    private static readonly SessionName Name = new(Tier.Tenant, "s1");
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(20);

    private static DateTimeOffset At { get; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task What_is_put_and_appended_is_read_whole()
    {
        await using var redis = await OpenAsync();
        var store = new SessionStore(redis, TimeProvider.System);

        var put = Done(await store.PutAsync(Name, Draft(["a", "b"], state: """{"n":1.50,"s":"ü"}"""), null));
        var appended = Done(await store.AppendAsync(Name, [Message("c"), Message("d")], 3, 1 << 20, put.Version, isWhole: true));
        var read = Done(await store.GetAsync(Name)).Session!;

        Assert.True(put.IsNew);
        Assert.Equal(["b", "c", "d"], read.Messages.Select(message => message.Content));
        Assert.Equal((1, 3, appended.Version), (read.FirstMessage, read.MessagesMax, read.Version));
        Assert.Equal("""{"n":1.50,"s":"ü"}""", read.State.GetRawText());
        Assert.True(appended.Version > put.Version);
        Assert.Null(read.Policy);
        Assert.InRange(read.ExpiresAt - Done(await store.GetAsync(Name)).ExpiresAt!.Value, TimeSpan.FromMinutes(-1), TimeSpan.Zero);
    }

    [Fact]
    public async Task Only_the_version_named_is_changed()
    {
        await using var redis = await OpenAsync();
        var store = new SessionStore(redis, TimeProvider.System);
        var put = Done(await store.PutAsync(Name, Draft(["a"]), null));
        var stale = put.Version - 1;

        Assert.Equal(new SessionOutcome.Conflict(put.Version), await store.PutAsync(Name, Draft([]), stale));
        Assert.Equal(new SessionOutcome.Conflict(put.Version), await store.AppendAsync(Name, [Message("b")], null, 1 << 20, stale, isWhole: false));
        Assert.Equal(new SessionOutcome.Conflict(put.Version), await store.DeleteAsync(Name, stale));
        Assert.Equal(new SessionOutcome.TooLarge(), await store.AppendAsync(Name, [Message(new string('x', 500))], null, 400, null, isWhole: false));
        Assert.Equal(["a"], Done(await store.GetAsync(Name)).Session!.Messages.Select(message => message.Content));
        Done(await store.DeleteAsync(Name, put.Version));
        Assert.Equal(new SessionOutcome.Absent(), await store.DeleteAsync(Name, null));
        Assert.Equal(new SessionOutcome.Absent(), await store.PutAsync(Name, Draft([]), put.Version));
        Assert.True(Done(await store.PutAsync(Name, Draft([]), null)).Version > put.Version);
    }

    [Fact]
    public async Task Messages_beyond_the_bytes_push_out_the_oldest()
    {
        await using var redis = await OpenAsync();
        var store = new SessionStore(redis, TimeProvider.System);
        var draft = Draft([.. Enumerable.Range(0, 5).Select(at => $"{at}")]);
        await store.PutAsync(Name, draft, null);

        await store.AppendAsync(Name, [Message("5")], null, SessionStore.BytesOf(draft), null, isWhole: false);

        Assert.Equal(["1", "2", "3", "4", "5"], Done(await store.GetAsync(Name)).Session!.Messages.Select(message => message.Content));
    }

    [Fact]
    public async Task What_has_expired_is_claimed_once_read_and_retired()
    {
        await using var redis = await OpenAsync();
        var store = new SessionStore(redis, TimeProvider.System);
        await store.PutAsync(Name, Draft(["a"], Soon, policy: "{}"), null);
        await store.PutAsync(new SessionName(Tier.Tenant, "lives"), Draft(["b"], TimeSpan.FromMinutes(1), policy: "{}"), null);
        await store.PutAsync(new SessionName(Tier.Tenant, "no policy"), Draft(["c"], Soon), null);

        var (partition, key) = Assert.Single(await UntilDueAsync(store));
        Assert.Empty(await store.ClaimAsync(Lease, 16));
        Assert.Equal(new SessionOutcome.Absent(), await store.GetAsync(Name));
        Assert.Equal(new SessionOutcome.Absent(), await store.AppendAsync(Name, [Message("x")], null, 1 << 20, null, isWhole: false));
        Assert.Equal(new SessionOutcome.Absent(), await store.DeleteAsync(Name, null));
        var expired = (await store.ReadExpiredAsync(partition, key))!;
        Assert.Equal((Name, "a"), (expired.Session.Name, expired.Session.Messages.Single().Content));
        await store.RetireAsync(expired);

        Assert.Null(await store.ReadExpiredAsync(partition, key));
        Assert.Empty(await store.ClaimAsync(Lease, 16));
        Assert.False(await redis.GetDatabase().KeyExistsAsync(key));
    }

    [Fact]
    public async Task A_claim_that_is_over_is_anothers()
    {
        await using var redis = await OpenAsync();
        var store = new SessionStore(redis, TimeProvider.System);
        await store.PutAsync(Name, Draft(["a"], Soon, policy: "{}"), null);

        await UntilDueAsync(store, TimeSpan.FromMilliseconds(50));

        Assert.Single(await UntilDueAsync(store));
    }

    [Fact]
    public async Task A_name_put_anew_moves_what_is_due_aside_and_what_was_read_before_retires_nothing()
    {
        await using var redis = await OpenAsync();
        var store = new SessionStore(redis, TimeProvider.System);
        await store.PutAsync(Name, Draft(["old"], Soon, policy: "{}"), null);
        var (partition, key) = Assert.Single(await UntilDueAsync(store));
        var read = (await store.ReadExpiredAsync(partition, key))!;

        Done(await store.PutAsync(Name, Draft(["new"], TimeSpan.FromMinutes(1), policy: "{}"), null));
        await store.RetireAsync(read);

        Assert.Equal("new", Done(await store.GetAsync(Name)).Session!.Messages.Single().Content);
        var aside = Assert.Single(await UntilDueAsync(store));
        Assert.NotEqual(key, aside.Key);
        var expired = (await store.ReadExpiredAsync(aside.Partition, aside.Key))!;
        Assert.Equal((Name, "old"), (expired.Session.Name, expired.Session.Messages.Single().Content));
        Assert.Null(await store.ReadExpiredAsync(partition, key));
        await store.RetireAsync(expired);
        Assert.Equal(1, await redis.GetDatabase().SortedSetLengthAsync($"session-due:{{{partition}}}"));
    }

    private async Task<ConnectionMultiplexer> OpenAsync() => await ConnectionMultiplexer.ConnectAsync(await servers.CreateRedisDatabaseAsync());

    private static async Task<IReadOnlyList<(Contracts.Identity.Partition Partition, string Key)>> UntilDueAsync(SessionStore store, TimeSpan? lease = null)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
        while (true)
        {
            if (await store.ClaimAsync(lease ?? Lease, 16) is { Count: > 0 } due) return due;
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, patience.Token);
        }
    }

    private static SessionDraft Draft(string[] contents, TimeSpan? ttl = null, string? policy = null, string state = "{}") => new(
        [.. contents.Select(Message)], JsonElement.Parse(state), ttl ?? TimeSpan.FromMinutes(10), 100, policy is null ? null : JsonElement.Parse(policy), TimeSpan.FromHours(1));

    private static SessionMessage Message(string content) => new("user", content, At);

    private static SessionOutcome.Done Done(SessionOutcome outcome) => Assert.IsType<SessionOutcome.Done>(outcome);
}
