using System.Net;

namespace MemoryAspire.Api.Tests;

/// <summary>Each test breaks a stack of its own.</summary>
public sealed class LossTests
{
    [Fact]
    public async Task Without_redis_reads_and_writes_go_on_and_redis_catches_up()
    {
        await using var stack = await StartAsync();
        var before = await stack.Client.CreateAsync(new { content = "Written before.", scope = new { user = "ada" } });

        await stack.Redis.KillAsync();
        var during = await stack.Client.CreateAsync(new { content = "Written without Redis.", scope = new { user = "ada" } });
        var read = await stack.Client.ReadAsync($"/v1/memories/{before.Id()}", during.Token);

        Assert.Equal(HttpStatusCode.Created, during.Status);
        Assert.Equal("postgres=applied, redis=pending, index=applied", during.Header("Memory-Tiers"));
        Assert.Equal((HttpStatusCode.OK, "postgres", "redis"), (read.Status, read.Header("Memory-Source"), read.Header("Memory-Degraded")));
        Assert.Equal(HttpStatusCode.OK, (await stack.Client.ReadAsync("/health", null)).Status);

        await stack.Redis.RestartAsync();
        await Until.TrueAsync(async () => (await stack.Client.ReadAsync($"/v1/memories/{during.Id()}", during.Token)).Header("Memory-Source") == "redis");
        Assert.Equal("Written without Redis.", (await stack.Client.ReadAsync($"/v1/memories/{during.Id()}", during.Token)).Body.GetProperty("content").GetString());
    }

    [Fact]
    public async Task Without_the_index_searches_are_exact_and_the_index_catches_up()
    {
        await using var stack = await StartAsync();
        var scope = new { user = "ada" };
        await stack.Client.CreateAsync(new { content = "Ada keeps a cat.", scope });
        var doomed = await stack.Client.CreateAsync(new { content = "Ada keeps a dog.", scope });

        await stack.StopIndexAsync();
        var during = await stack.Client.CreateAsync(new { content = "Ada keeps a parrot.", scope });
        var deleted = await stack.Client.CallAsync(HttpMethod.Delete, $"/v1/memories/{doomed.Id()}");
        var exact = await stack.Client.SearchAsync(new { query = "which animals live with her?", scope }, deleted.Token);

        Assert.Equal("postgres=applied, redis=applied, index=pending", during.Header("Memory-Tiers"));
        Assert.Equal("index", exact.Header("Memory-Degraded"));
        Assert.Equal(["Ada keeps a cat.", "Ada keeps a parrot."], exact.Contents().Order());

        stack.StartIndex();
        await Until.TrueAsync(async () => (await stack.Client.SearchAsync(new { query = "animals", scope }, deleted.Token)).Header("Memory-Degraded") == "");
        var healed = await stack.Client.SearchAsync(new { query = "which animals live with her?", scope }, deleted.Token);
        Assert.Equal(exact.Contents(), healed.Contents());
    }

    [Fact]
    public async Task Without_postgres_writes_are_refused_and_redis_answers_reads()
    {
        await using var stack = await StartAsync();
        var created = await stack.Client.CreateAsync(new { content = "Still here.", scope = new { user = "ada" } });

        await stack.Postgres.KillAsync();
        var refused = await stack.Client.CreateAsync(new { content = "Never stored.", scope = new { user = "ada" } });
        var read = await stack.Client.ReadAsync($"/v1/memories/{created.Id()}", created.Token);
        var missing = await stack.Client.ReadAsync("/v1/memories/0198c0de-0000-7001-8000-000000000001", null);
        var found = await stack.Client.SearchAsync(new { query = "here", scope = new { user = "ada" } }, created.Token);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "notStored"), (refused.Status, refused.Body.GetProperty("outcome").GetString()));
        Assert.NotNull(refused.Raw.Headers.RetryAfter);
        Assert.Equal((HttpStatusCode.OK, "redis"), (read.Status, read.Header("Memory-Source")));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, missing.Status);
        Assert.Equal("postgres", found.Header("Memory-Degraded"));
        Assert.Equal(["Still here."], found.Contents());

        // No tier can serve a token that only PostgreSQL has come to.
        await stack.Redis.KillAsync();
        var unreachable = await stack.Client.ReadAsync($"/v1/memories/{created.Id()}", created.Token);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "postgres,redis"), (unreachable.Status, unreachable.Header("Memory-Degraded")));
        Assert.NotNull(unreachable.Raw.Headers.RetryAfter);
        await stack.Redis.RestartAsync();

        await stack.StopIndexAsync();
        var lost = await stack.Client.SearchAsync(new { query = "here", scope = new { user = "ada" } }, created.Token);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "index,postgres"), (lost.Status, lost.Header("Memory-Degraded")));
        Assert.False(lost.Body.TryGetProperty("outcome", out _));

        stack.StartIndex();
        await stack.Postgres.RestartAsync();
        await Until.TrueAsync(async () => (await stack.Client.CreateAsync(new { content = "Back.", scope = new { user = "ada" } })).Status == HttpStatusCode.Created);
        var all = await stack.Client.ReadAsync("/v1/memories?user=ada", null);
        Assert.DoesNotContain("Never stored.", all.Body.GetRawText(), StringComparison.Ordinal);
        Assert.Contains("Still here.", all.Body.GetRawText(), StringComparison.Ordinal);
    }

    private static async Task<Stack> StartAsync()
    {
        var stack = new Stack();
        await stack.InitializeAsync();
        return stack;
    }
}
