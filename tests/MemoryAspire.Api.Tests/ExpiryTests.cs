using System.Net;
using System.Text.Json;

namespace MemoryAspire.Api.Tests;

public sealed class ExpiryTests(Stack shared)
{
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task From_its_last_moment_on_a_memory_is_absent_everywhere_before_anybody_swept_it()
    {
        await using var stack = new Stack();
        stack.Settings["Expiry:Interval"] = "1.00:00:00";
        await stack.InitializeAsync();
        var created = await CreateAsync(stack, "expiry-before");
        var path = $"/v1/memories/{created.Id()}";
        Assert.Equal("redis", (await stack.Client.ReadAsync(path, created.Token)).Header("Memory-Source"));
        await Until.TrueAsync(async () => (await stack.Client.ReadAsync($"{path}?consistency=strong", null)).Status == HttpStatusCode.NotFound);

        await AssertAbsentAsync(stack, created, "expiry-before");

        Assert.Equal(["created"], await TypesAsync(stack, path));
    }

    [Fact]
    public async Task Swept_it_has_exactly_one_expired_event_and_its_past_is_still_told()
    {
        var created = await CreateAsync(shared, "expiry-after");
        var path = $"/v1/memories/{created.Id()}";
        var before = DateTimeOffset.Parse(created.Body.GetProperty("memory").GetProperty("createdAt").GetString()!, null);

        await Until.TrueAsync(async () => (await TypesAsync(shared, path)).Count == 2);

        await AssertAbsentAsync(shared, created, "expiry-after");
        Assert.Equal(["created", "expired"], await TypesAsync(shared, path));
        var expired = (await shared.Client.ReadAsync($"{path}/history", null)).Body.GetProperty("items")[1];
        Assert.Equal((2, "expiry"), (expired.GetProperty("version").GetInt64(), expired.GetProperty("actor").GetString()));
        Assert.Equal("Soon gone.", (await shared.Client.ReadAsync($"{path}?version=1", null)).Body.GetProperty("content").GetString());
        Assert.Equal("Soon gone.", (await shared.Client.ReadAsync($"{path}?asOf={before:O}", null)).Body.GetProperty("content").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await shared.Client.ReadAsync($"{path}?asOf={DateTimeOffset.UtcNow:O}", null)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await shared.Client.ReadAsync($"{path}?version=2", null)).Status);
        await Until.TrueAsync(async () =>
            (await shared.Client.ReadAsync($"{path}/consistency", null)).Body is var tiers
            && tiers.GetProperty("postgres").GetProperty("version").ValueKind == JsonValueKind.Null
            && tiers.GetProperty("consistent").ValueKind == JsonValueKind.True);
    }

    [Fact]
    public async Task Given_more_time_it_stays()
    {
        var created = await CreateAsync(shared, "expiry-moved");
        var moved = await shared.Client.CallAsync(HttpMethod.Patch, $"/v1/memories/{created.Id()}", new { expiresAt = DateTimeOffset.UtcNow.AddHours(1) });
        var other = await CreateAsync(shared, "expiry-moved-other");

        // The other one ends later than this one would have.
        await Until.TrueAsync(async () => (await TypesAsync(shared, $"/v1/memories/{other.Id()}")).Count == 2);

        Assert.Equal(HttpStatusCode.OK, (await shared.Client.ReadAsync($"/v1/memories/{created.Id()}", moved.Token)).Status);
        Assert.Equal(["created", "updated"], await TypesAsync(shared, $"/v1/memories/{created.Id()}"));
    }

    private static Task<Answer> CreateAsync(Stack stack, string user) =>
        stack.Client.CreateAsync(new { content = "Soon gone.", scope = new { user }, ttlSeconds = Life.TotalSeconds });

    private static async Task AssertAbsentAsync(Stack stack, Answer created, string user)
    {
        var path = $"/v1/memories/{created.Id()}";
        foreach (var level in new[] { "eventual", "session", "strong" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await stack.Client.ReadAsync($"{path}?consistency={level}", created.Token)).Status);
        }

        Assert.Empty((await stack.Client.ReadAsync($"/v1/memories?user={user}", created.Token)).Body.GetProperty("items").EnumerateArray());
        Assert.Empty((await stack.Client.SearchAsync(new { query = "gone", scope = new { user } }, created.Token)).Contents());
        Assert.Equal(HttpStatusCode.NotFound, (await stack.Client.CallAsync(HttpMethod.Patch, path, new { content = "Back." })).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await stack.Client.CallAsync(HttpMethod.Patch, path, new { expiresAt = DateTimeOffset.UtcNow.AddHours(1) })).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await stack.Client.CallAsync(HttpMethod.Post, $"{path}/revert", new { version = 1 })).Status is var reverted
            && reverted is HttpStatusCode.NotFound or HttpStatusCode.Conflict ? HttpStatusCode.NotFound : reverted);
        Assert.Equal(HttpStatusCode.NotFound, (await stack.Client.CallAsync(HttpMethod.Delete, path)).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await stack.Client.CallAsync(HttpMethod.Post, "/v1/transactions", new
        {
            operations = new[] { new { op = "update", id = created.Id(), content = "Back." } },
        })).Status);
    }

    private static async Task<IReadOnlyList<string>> TypesAsync(Stack stack, string path) =>
        [.. (await stack.Client.ReadAsync($"{path}/history", null)).Body.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("type").GetString()!)];
}
