using System.Net;
using System.Text.Json;
using MemoryAspire.Redis.Sessions;
using Microsoft.AspNetCore.Mvc.Testing;
using StackExchange.Redis;

namespace MemoryAspire.Api.Tests;

/// <summary>Sessions that expire, in processes that look for them often.</summary>
public sealed class SessionExpiryTests(Stack stack)
{
    private static readonly (string, string)[] Often = [("Sessions:SweepInterval", "00:00:00.1"), ("Sessions:PromotionLease", "00:00:01")];

    private static readonly object[] Tea = [new { role = "user", content = "I prefer tea.", at = "2026-03-01T12:00:00Z" }, new { role = "assistant", content = "Noted.", at = "2026-03-01T12:00:01Z" }];

    [Fact]
    public async Task A_session_with_a_policy_is_promoted_when_it_expires_and_one_without_is_not()
    {
        await using var api = await stack.StartApiAsync(Often);
        await PutAsync("expiring", new { messages = Tea, ttlSeconds = 0.2, promoteOnExpiry = new { scope = new { user = "expiring" }, kind = "semantic", importance = 0.7 } });
        await PutAsync("expiring-silently", new { messages = Tea, ttlSeconds = 0.2 });
        await PutAsync("living", new { messages = Tea, ttlSeconds = 600, promoteOnExpiry = new { } });

        await UntilPromotedAsync("expiring", 2);

        var memories = await MemoriesAsync("expiring");
        Assert.All(memories, memory => Assert.Equal(("semantic", 0.7, "expiring"), (memory.GetProperty("kind").GetString(), memory.GetProperty("importance").GetDouble(), memory.GetProperty("scope").GetProperty("user").GetString())));
        Assert.Equal(HttpStatusCode.NotFound, (await ReadAsync("expiring")).Status);
        await UntilNothingIsDueAsync("expiring");
        Assert.Empty(await MemoriesAsync("expiring-silently"));
        Assert.Empty(await MemoriesAsync("living"));
        Assert.Equal(HttpStatusCode.OK, (await ReadAsync("living")).Status);
        var history = await stack.Client.ReadAsync($"/v1/memories/{memories[0].GetProperty("id").GetString()}/history", null);
        Assert.Equal("session-expiry", history.Body.GetProperty("items")[0].GetProperty("actor").GetString());
    }

    [Fact]
    public async Task A_deleted_session_is_not_promoted_and_one_put_over_an_expired_one_is_another()
    {
        await PutAsync("over", new { messages = Tea, ttlSeconds = 0.05, promoteOnExpiry = new { } });
        await PutAsync("dropped", new { messages = Tea, ttlSeconds = 600, promoteOnExpiry = new { } });
        await stack.Client.CallAsync(HttpMethod.Delete, "/v1/sessions/dropped");
        await UntilExpiredAsync("over");

        var over = await PutAsync("over", new { messages = new[] { new { role = "user", content = "Anew." } } });
        Assert.Equal(HttpStatusCode.Created, over.Status);
        Assert.Equal(HttpStatusCode.NotFound, (await ReadAsync("dropped")).Status);
        await using var api = await stack.StartApiAsync(Often);
        await UntilPromotedAsync("over", 2);

        await UntilNothingIsDueAsync("over");
        Assert.Equal("Anew.", (await ReadAsync("over")).Body.GetProperty("messages")[0].GetProperty("content").GetString());
        Assert.Equal(["I prefer tea.", "Noted."], (await MemoriesAsync("over")).Select(memory => memory.GetProperty("content").GetString()).Order());
        Assert.Empty(await MemoriesAsync("dropped"));
    }

    [Fact]
    public async Task Processes_that_promote_the_same_make_every_memory_once()
    {
        var apis = new List<WebApplicationFactory<Program>>();
        for (var at = 0; at < 3; at++) apis.Add(await stack.StartApiAsync(Often));
        var names = Enumerable.Range(0, 20).Select(at => $"many-{at}").ToList();
        await Task.WhenAll(names.Select(name => PutAsync(name, new { messages = Tea, ttlSeconds = 0.3, promoteOnExpiry = new { } })));

        foreach (var name in names) await UntilPromotedAsync(name, 2);

        foreach (var name in names)
        {
            await UntilNothingIsDueAsync(name);
            Assert.Equal(2, (await MemoriesAsync(name)).Count);
        }

        foreach (var api in apis) await api.DisposeAsync();
    }

    [Fact]
    public async Task What_was_promoted_before_is_not_doubled_on_expiry()
    {
        await PutAsync("before", new { messages = Tea, ttlSeconds = 0.5, promoteOnExpiry = new { scope = new { user = "else" } } });
        var promoted = await stack.Client.CallAsync(HttpMethod.Post, "/v1/sessions/before/promote", new { messages = new[] { 1 } });
        Assert.Equal(HttpStatusCode.OK, promoted.Status);

        await using var api = await stack.StartApiAsync(Often);
        await UntilPromotedAsync("before", 2);

        await UntilNothingIsDueAsync("before");
        Assert.Equal(["I prefer tea.", "Noted."], (await MemoriesAsync("before")).Select(memory => memory.GetProperty("content").GetString()).Order());
    }

    [Fact]
    public async Task Without_redis_sessions_are_503_and_come_back_by_themselves()
    {
        await using var own = new Stack();
        await own.InitializeAsync();
        await own.Client.CallAsync(HttpMethod.Put, "/v1/sessions/s", new { messages = Tea });
        var promoted = await own.Client.CallAsync(HttpMethod.Post, "/v1/sessions/s/promote", new { }, headers: ("Idempotency-Key", "k"));

        await own.Redis.KillAsync();
        Answer[] refused =
        [
            await own.Client.CallAsync(HttpMethod.Put, "/v1/sessions/s", new { }),
            await own.Client.CallAsync(HttpMethod.Post, "/v1/sessions/s/messages", new { role = "user", content = "x" }),
            await own.Client.CallAsync(HttpMethod.Post, "/v1/sessions/s/promote", new { }),
            await own.Client.CallAsync(HttpMethod.Delete, "/v1/sessions/s"),
            await own.Client.ReadAsync("/v1/sessions/s", null),
        ];
        var again = await own.Client.CallAsync(HttpMethod.Post, "/v1/sessions/s/promote", new { }, headers: ("Idempotency-Key", "k"));

        Assert.All(refused, answer =>
        {
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "redis"), (answer.Status, answer.Header("Memory-Degraded")));
            Assert.NotNull(answer.Raw.Headers.RetryAfter);
            Assert.NotEqual("", answer.Token);
        });
        Assert.All(refused[..4], answer => Assert.Contains(answer.Body.GetProperty("outcome").GetString(), new[] { "unknown", "notStored" }));
        Assert.False(refused[4].Body.TryGetProperty("outcome", out _));
        Assert.Equal((HttpStatusCode.OK, "true"), (again.Status, again.Header("Idempotency-Replayed")));
        Assert.Equal(promoted.Body.GetProperty("results").GetRawText(), again.Body.GetProperty("results").GetRawText());

        await own.Redis.RestartAsync();
        await Until.TrueAsync(async () => (await own.Client.CallAsync(HttpMethod.Put, "/v1/sessions/s", new { messages = Tea })).Status is HttpStatusCode.OK or HttpStatusCode.Created);
        await own.Postgres.KillAsync();
        var unstored = await own.Client.CallAsync(HttpMethod.Post, "/v1/sessions/s/promote", new { kind = "semantic" });
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "notStored"), (unstored.Status, unstored.Body.GetProperty("outcome").GetString()));
        Assert.Equal(HttpStatusCode.OK, (await own.Client.ReadAsync("/v1/sessions/s", null)).Status);
    }

    private Task<Answer> PutAsync(string name, object body) => stack.Client.CallAsync(HttpMethod.Put, $"/v1/sessions/{name}", body);

    private Task<Answer> ReadAsync(string name) => stack.Client.ReadAsync($"/v1/sessions/{name}", null);

    private async Task<List<JsonElement>> MemoriesAsync(string name) =>
        [.. (await stack.Client.ReadAsync($"/v1/memories?session={name}&consistency=strong", null)).Body.GetProperty("items").EnumerateArray()];

    private Task UntilPromotedAsync(string name, int count) => Until.TrueAsync(async () => (await MemoriesAsync(name)).Count == count);

    /// <summary>Asked of the key itself: a request would let the session live on.</summary>
    private async Task UntilExpiredAsync(string name)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(stack.Redis.ConnectionString);
        var key = redis.GetServers()[0].Keys(pattern: $"session:*:{name}").Single();
        var expires = SessionFormatTime((long)await redis.GetDatabase().HashGetAsync(key, "x"));
        await Until.TrueAsync(() => Task.FromResult(TimeProvider.System.GetUtcNow() > expires));
    }

    private async Task UntilNothingIsDueAsync(string name)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(stack.Redis.ConnectionString);
        await Until.TrueAsync(async () =>
        {
            var due = new List<string>();
            foreach (var key in redis.GetServers()[0].Keys(pattern: "session-due:*"))
            {
                foreach (var member in await redis.GetDatabase().SortedSetRangeByRankAsync(key))
                {
                    if ((string?)await redis.GetDatabase().HashGetAsync((string)member!, "i") == name) due.Add(member!);
                }
            }

            return due.Count == 0;
        });
    }

    private static DateTimeOffset SessionFormatTime(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
