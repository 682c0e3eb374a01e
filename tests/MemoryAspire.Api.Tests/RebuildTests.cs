using System.Net;
using System.Text.Json;
using Npgsql;
using StackExchange.Redis;

namespace MemoryAspire.Api.Tests;

/// <summary>What spoils rows or stops a store has a stack of its own.</summary>
public sealed class RebuildTests(Stack shared)
{
    private const string Path = "/v1/admin/memories/rebuild";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Spoiled_rows_are_restored_and_nobody_is_served_what_they_said()
    {
        await using var stack = await StartAsync();
        var spoiled = await stack.Client.CreateAsync(new { content = "Ada prefers tea.", scope = new { user = "ada" } });
        var lost = await stack.Client.CreateAsync(new { content = "Bob prefers coffee.", scope = new { user = "bob" } });
        await ExecuteAsync(stack, $"update memories set content = 'Ada prefers poison.' where id = '{spoiled.Id()}'");
        await ExecuteAsync(stack, $"delete from memories where id = '{lost.Id()}'");
        await using (var redis = await ConnectionMultiplexer.ConnectAsync(stack.Redis.ConnectionString)) await redis.GetDatabase().ExecuteAsync("FLUSHALL");
        await Until.TrueAsync(async () => (await Content(stack, spoiled), await Source(stack, spoiled)) == ("Ada prefers poison.", "redis"));

        var rebuilt = await stack.Client.CallAsync(HttpMethod.Post, Path);

        Assert.Equal(HttpStatusCode.OK, rebuilt.Status);
        Assert.Equal(
            """{"partitions":256,"eventsRead":2,"memoriesCompared":2,"rowsRemoved":0,"rowsAdded":1,"rowsReplaced":1,"incompleteLogs":[],"redis":"applied"}""",
            rebuilt.Body.GetRawText());
        Assert.Equal("Ada prefers tea.", await Content(stack, spoiled));
        Assert.Equal(lost.Body.GetProperty("memory").GetRawText(), (await stack.Client.ReadAsync($"/v1/memories/{lost.Id()}?consistency=strong", null)).Body.GetRawText());
        Assert.Equal(["Bob prefers coffee."], (await stack.Client.SearchAsync(new { query = "coffee", scope = new { user = "bob" } })).Contents());
    }

    [Fact]
    public async Task Without_redis_the_rows_are_restored_and_the_answer_says_what_is_pending()
    {
        await using var stack = await StartAsync();
        var created = await stack.Client.CreateAsync(new { content = "Ada prefers tea." });
        await ExecuteAsync(stack, "update memories set content = 'wrong'");

        await stack.Redis.KillAsync();
        var rebuilt = await stack.Client.CallAsync(HttpMethod.Post, Path);

        Assert.Equal(("pending", 1), (rebuilt.Body.GetProperty("redis").GetString(), rebuilt.Body.GetProperty("rowsReplaced").GetInt32()));
        Assert.Equal("Ada prefers tea.", await Content(stack, created));
    }

    [Fact]
    public async Task Without_postgres_the_answer_says_how_far_it_came()
    {
        await using var stack = await StartAsync();
        await stack.Postgres.KillAsync();

        var refused = await stack.Client.CallAsync(HttpMethod.Post, Path);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.Status);
        Assert.NotNull(refused.Raw.Headers.RetryAfter);
        Assert.Equal(0, refused.Body.GetProperty("report").GetProperty("partitions").GetInt32());
    }

    [Fact]
    public async Task A_log_with_a_gap_is_named()
    {
        await using var stack = await StartAsync();
        var created = await stack.Client.CreateAsync(new { content = "Ada prefers tea." });
        await ExecuteAsync(stack, "delete from memory_events");

        var rebuilt = await stack.Client.CallAsync(HttpMethod.Post, Path);

        Assert.Equal(255, rebuilt.Body.GetProperty("partitions").GetInt32());
        Assert.Single(rebuilt.Body.GetProperty("incompleteLogs").EnumerateArray());
        Assert.Equal("Ada prefers tea.", await Content(stack, created));
    }

    [Fact]
    public async Task Without_a_key_nothing_is_rebuilt()
    {
        using var stranger = shared.NewClient();

        Assert.Equal(HttpStatusCode.Unauthorized, (await stranger.CallAsync(HttpMethod.Post, Path)).Status);
    }

    private static async Task<Stack> StartAsync()
    {
        var stack = new Stack();
        await stack.InitializeAsync();
        return stack;
    }

    private static async Task ExecuteAsync(Stack stack, string sql)
    {
        await using var source = NpgsqlDataSource.Create(stack.Database);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    private static async Task<string?> Content(Stack stack, Answer created) =>
        (await stack.Client.ReadAsync($"/v1/memories/{created.Id()}", null)).Body is { ValueKind: JsonValueKind.Object } memory ? memory.GetProperty("content").GetString() : null;

    private static async Task<string> Source(Stack stack, Answer created) =>
        (await stack.Client.ReadAsync($"/v1/memories/{created.Id()}", null)).Header("Memory-Source");
}
