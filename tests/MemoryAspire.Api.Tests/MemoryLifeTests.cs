using System.Net;

// Several stacks at once starve each other of time.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
[assembly: AssemblyFixture(typeof(MemoryAspire.Api.Tests.Stack))]

namespace MemoryAspire.Api.Tests;

public sealed class MemoryLifeTests(Stack stack)
{
    [Fact]
    public async Task A_memory_is_stored_in_every_tier_and_read_back_as_it_was_given()
    {
        var created = await stack.Client.CreateAsync(new
        {
            content = "Ada prefers tea.",
            kind = "semantic",
            scope = new { user = "life-ada", agent = "concierge", session = "s1" },
            metadata = new { topic = "drinks", tags = new[] { "tea" } },
            importance = 0.75,
        });

        Assert.Equal(HttpStatusCode.Created, created.Status);
        Assert.Equal($"/v1/memories/{created.Id()}", created.Raw.Headers.Location!.ToString());
        Assert.Equal("\"1\"", created.Raw.Headers.ETag!.Tag);
        Assert.Equal("postgres=applied, redis=applied, index=applied", created.Header("Memory-Tiers"));
        Assert.Equal("""{"postgres":"applied","redis":"applied","index":"applied"}""", created.Body.GetProperty("tiers").GetRawText());

        var cached = await stack.Client.ReadAsync($"/v1/memories/{created.Id()}", created.Token);
        var strong = await stack.Client.ReadAsync($"/v1/memories/{created.Id()}?consistency=strong", created.Token);

        Assert.Equal("redis", cached.Header("Memory-Source"));
        Assert.Equal("postgres", strong.Header("Memory-Source"));
        Assert.Equal(created.Body.GetProperty("memory").GetRawText(), cached.Body.GetRawText());
        Assert.Equal(cached.Body.GetRawText(), strong.Body.GetRawText());
        Assert.Equal("drinks", strong.Body.GetProperty("metadata").GetProperty("topic").GetString());
        Assert.Equal("\"1\"", cached.Raw.Headers.ETag!.Tag);
    }

    [Fact]
    public async Task A_deleted_memory_is_gone_from_reads_lists_and_searches_at_once()
    {
        var scope = new { user = "life-bob" };
        var created = await stack.Client.CreateAsync(new { content = "Bob keeps bees on the roof.", scope });

        var deleted = await stack.Client.CallAsync(HttpMethod.Delete, $"/v1/memories/{created.Id()}");

        Assert.Equal(HttpStatusCode.NoContent, deleted.Status);
        Assert.Equal("postgres=applied, redis=applied, index=applied", deleted.Header("Memory-Tiers"));
        foreach (var level in new[] { "eventual", "session", "strong" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await stack.Client.ReadAsync($"/v1/memories/{created.Id()}?consistency={level}", deleted.Token)).Status);
        }

        Assert.Empty((await stack.Client.ReadAsync("/v1/memories?user=life-bob", deleted.Token)).Body.GetProperty("items").EnumerateArray());
        Assert.Empty((await stack.Client.SearchAsync(new { query = "bees", scope }, deleted.Token)).Contents());
        Assert.Equal(HttpStatusCode.NotFound, (await stack.Client.CallAsync(HttpMethod.Delete, $"/v1/memories/{created.Id()}")).Status);
    }

    [Fact]
    public async Task A_delete_that_expects_another_version_changes_nothing()
    {
        var created = await stack.Client.CreateAsync(new { content = "Versioned.", scope = new { user = "life-cyd" } });

        var refused = await stack.Client.CallAsync(HttpMethod.Delete, $"/v1/memories/{created.Id()}", headers: ("If-Match", "\"2\""));

        Assert.Equal(HttpStatusCode.PreconditionFailed, refused.Status);
        Assert.Equal(1, refused.Body.GetProperty("current").GetProperty("version").GetInt64());
        Assert.Equal(HttpStatusCode.NoContent, (await stack.Client.CallAsync(HttpMethod.Delete, $"/v1/memories/{created.Id()}", headers: ("If-Match", "\"1\""))).Status);
    }

    [Fact]
    public async Task A_given_embedding_is_kept_exactly_and_returned_on_request()
    {
        var embedding = Enumerable.Range(0, 100).Select(at => (float)Math.Sin(at) * 3).ToArray();
        var created = await stack.Client.CreateAsync(new { content = "With a vector.", embedding, scope = new { user = "life-dan" } });

        var without = await stack.Client.ReadAsync($"/v1/memories/{created.Id()}", null);
        var with = await stack.Client.ReadAsync($"/v1/memories/{created.Id()}?include=embedding", null);

        Assert.False(without.Body.TryGetProperty("embedding", out _));
        Assert.Equal(embedding, with.Body.GetProperty("embedding").EnumerateArray().Select(value => value.GetSingle()));
    }

    [Fact]
    public async Task Content_without_a_direction_is_stored_but_never_found_by_meaning()
    {
        var scope = new { user = "life-eve" };
        var created = await stack.Client.CreateAsync(new { content = "!!!", scope });

        Assert.Equal(HttpStatusCode.Created, created.Status);
        Assert.Equal("applied", created.Body.GetProperty("tiers").GetProperty("index").GetString());
        Assert.Empty((await stack.Client.SearchAsync(new { query = "anything", scope }, created.Token)).Contents());
        Assert.Equal(HttpStatusCode.OK, (await stack.Client.ReadAsync($"/v1/memories/{created.Id()}", null)).Status);
    }

    [Fact]
    public async Task A_memory_is_absent_once_it_has_expired()
    {
        var scope = new { user = "life-fay" };
        var created = await stack.Client.CreateAsync(new { content = "Soon forgotten.", scope, ttlSeconds = 1.5 });
        Assert.Equal(HttpStatusCode.OK, (await stack.Client.ReadAsync($"/v1/memories/{created.Id()}", created.Token)).Status);

        await Until.TrueAsync(async () => (await stack.Client.ReadAsync($"/v1/memories/{created.Id()}", created.Token)).Status == HttpStatusCode.NotFound);

        Assert.Equal(HttpStatusCode.NotFound, (await stack.Client.ReadAsync($"/v1/memories/{created.Id()}?consistency=eventual", null)).Status);
        Assert.Empty((await stack.Client.SearchAsync(new { query = "forgotten", scope }, created.Token)).Contents());
        Assert.Empty((await stack.Client.ReadAsync("/v1/memories?user=life-fay", null)).Body.GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task A_list_is_paged_newest_first()
    {
        for (var at = 0; at < 7; at++) await stack.Client.CreateAsync(new { content = $"item {at}", scope = new { user = "life-gus" } });

        var listed = new List<string>();
        var cursor = "";
        do
        {
            var page = await stack.Client.ReadAsync($"/v1/memories?user=life-gus&limit=3{cursor}", null);
            listed.AddRange(page.Body.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("content").GetString()!));
            var next = page.Body.GetProperty("nextCursor").GetString();
            cursor = next is null ? "" : $"&cursor={next}";
        }
        while (cursor.Length > 0);

        Assert.Equal(Enumerable.Range(0, 7).Reverse().Select(at => $"item {at}"), listed);
    }
}
