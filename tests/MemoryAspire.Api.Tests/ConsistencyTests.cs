using System.Net;
using MemoryAspire.Api.Consistency;
using StackExchange.Redis;

namespace MemoryAspire.Api.Tests;

public sealed class ConsistencyTests(Stack stack)
{
    public static TheoryData<long?, bool, long?, bool, long?, bool?> Comparisons => new()
    {
        // PostgreSQL; Redis asked, its version; the index asked, its version; consistent
        { 3, true, 3, true, 3, true },
        { 3, true, null, true, 3, true },
        { null, true, null, true, null, true },
        { 3, true, 2, true, 3, false },
        { 3, true, 3, true, 2, false },
        { 3, true, 3, true, null, false },
        { null, true, 3, true, null, false },
        { null, true, null, true, 3, false },
        { 3, false, null, true, 3, null },
        { 3, true, 3, false, null, null },
        { 3, false, null, false, null, null },
        { 3, false, null, true, 2, false },
        { 3, true, 2, false, null, false },
    };

    [Theory]
    [MemberData(nameof(Comparisons))]
    public void Tiers_are_consistent_only_when_all_were_asked_and_agree(
        long? postgres, bool redisAsked, long? redis, bool indexAsked, long? index, bool? consistent) => Assert.Equal(
        consistent,
        TierVersions.Compare(postgres, redisAsked ? new HeldVersion(redis) : null, indexAsked ? new HeldVersion(index) : null).Consistent);

    [Theory]
    [InlineData("Everywhere at once.")]
    [InlineData("!!!")]
    public async Task A_memory_is_consistent_in_every_tier_with_or_without_a_vector(string content)
    {
        var created = await stack.Client.CreateAsync(new { content, scope = new { user = "consistent-ada" } });
        var present = await stack.Client.ReadAsync($"/v1/memories/{created.Id()}/consistency", created.Token);
        var deleted = await stack.Client.CallAsync(HttpMethod.Delete, $"/v1/memories/{created.Id()}");
        var gone = await stack.Client.ReadAsync($"/v1/memories/{created.Id()}/consistency", deleted.Token);

        Assert.Equal("""{"postgres":{"version":1},"redis":{"version":1},"index":{"version":1},"consistent":true}""", present.Body.GetRawText());
        Assert.Equal("""{"postgres":{"version":null},"redis":{"version":null},"index":{"version":null},"consistent":true}""", gone.Body.GetRawText());
    }

    [Fact]
    public async Task A_memory_that_is_not_cached_is_consistent_and_one_that_is_cached_otherwise_is_not()
    {
        var created = await stack.Client.CreateAsync(new { content = "Cached.", scope = new { user = "consistent-bob" } });
        await using var redis = await ConnectionMultiplexer.ConnectAsync(stack.Redis.ConnectionString);
        var database = redis.GetDatabase();
        var key = await KeyOfAsync(redis, created.Id());

        await database.HashSetAsync(key, "v", 7);
        var other = await stack.Client.ReadAsync($"/v1/memories/{created.Id()}/consistency", null);
        await database.HashSetAsync(key, "e", "an older epoch");
        var old = await stack.Client.ReadAsync($"/v1/memories/{created.Id()}/consistency", null);
        await database.KeyDeleteAsync(key);
        var none = await stack.Client.ReadAsync($"/v1/memories/{created.Id()}/consistency", null);

        Assert.Equal("""{"postgres":{"version":1},"redis":{"version":7},"index":{"version":1},"consistent":false}""", other.Body.GetRawText());
        Assert.Equal("""{"postgres":{"version":1},"redis":{"version":null},"index":{"version":1},"consistent":true}""", old.Body.GetRawText());
        Assert.Equal(old.Body.GetRawText(), none.Body.GetRawText());
    }

    [Fact]
    public async Task A_tier_that_cannot_be_asked_is_named_and_consistency_is_not_claimed()
    {
        await using var own = new Stack();
        await own.InitializeAsync();
        var created = await own.Client.CreateAsync(new { content = "Lost sight of.", scope = new { user = "ada" } });

        await own.StopIndexAsync();
        var withoutIndex = await own.Client.ReadAsync($"/v1/memories/{created.Id()}/consistency", null);
        await own.Redis.KillAsync();
        var without = await own.Client.ReadAsync($"/v1/memories/{created.Id()}/consistency", null);
        await own.Postgres.KillAsync();
        var unknown = await own.Client.ReadAsync($"/v1/memories/{created.Id()}/consistency", null);

        Assert.Equal("index", withoutIndex.Header("Memory-Degraded"));
        Assert.Equal("""{"postgres":{"version":1},"redis":{"version":1},"index":null,"consistent":null}""", withoutIndex.Body.GetRawText());
        Assert.Equal("index,redis", without.Header("Memory-Degraded"));
        Assert.Equal("""{"postgres":{"version":1},"redis":null,"index":null,"consistent":null}""", without.Body.GetRawText());
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "postgres"), (unknown.Status, unknown.Header("Memory-Degraded")));
    }

    private static async Task<RedisKey> KeyOfAsync(ConnectionMultiplexer redis, string id)
    {
        await foreach (var key in redis.GetServers()[0].KeysAsync(pattern: $"memory:*:{id}")) return key;
        throw new InvalidOperationException($"{id} is not cached.");
    }
}
