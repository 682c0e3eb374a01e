using System.Net;
using System.Text.Json;

namespace MemoryAspire.Api.Tests;

public sealed class UpdateTests(Stack stack)
{
    [Fact]
    public async Task An_update_reaches_every_tier_and_is_found_by_its_new_meaning_only()
    {
        var scope = new { user = "update-ada" };
        var created = await stack.Client.CreateAsync(new { content = "Ada plays the violin.", scope, metadata = new { topic = "music", old = 1 } });

        var updated = await PatchAsync(created.Id(), new { content = "Ada repairs motorcycles.", metadata = new { topic = "machines", old = (int?)null }, importance = 0.9 });

        Assert.Equal(HttpStatusCode.OK, updated.Status);
        Assert.Equal("\"2\"", updated.Raw.Headers.ETag!.Tag);
        Assert.Equal("postgres=applied, redis=applied, index=applied", updated.Header("Memory-Tiers"));
        var memory = updated.Body.GetProperty("memory");
        Assert.Equal("""{"topic":"machines"}""", memory.GetProperty("metadata").GetRawText());
        Assert.Equal(0.9, memory.GetProperty("importance").GetDouble());
        foreach (var level in new[] { "eventual", "session", "strong" })
        {
            Assert.Equal(memory.GetRawText(), (await stack.Client.ReadAsync($"/v1/memories/{created.Id()}?consistency={level}", updated.Token)).Body.GetRawText());
        }

        var found = await stack.Client.SearchAsync(new { query = "motorcycles", scope, minScore = 0.5 }, updated.Token);
        Assert.Equal(["Ada repairs motorcycles."], found.Contents());
        Assert.Empty((await stack.Client.SearchAsync(new { query = "violin music", scope, minScore = 0.5 }, updated.Token)).Contents());
    }

    [Fact]
    public async Task An_update_that_leaves_the_content_alone_leaves_the_vector_alone()
    {
        var scope = new { user = "update-ann" };
        var created = await stack.Client.CreateAsync(new { content = "Ann collects stamps.", scope });

        var updated = await PatchAsync(created.Id(), new { importance = 1 });

        Assert.Equal(["Ann collects stamps."], (await stack.Client.SearchAsync(new { query = "stamps", scope, minScore = 0.3 }, updated.Token)).Contents());
        var vector = (await stack.Client.ReadAsync($"/v1/memories/{created.Id()}?include=embedding", updated.Token)).Body.GetProperty("embedding");
        Assert.Equal(100, vector.GetArrayLength());
    }

    [Fact]
    public async Task A_version_that_is_not_current_is_412_with_the_current_memory()
    {
        var created = await stack.Client.CreateAsync(new { content = "one", scope = new { user = "update-bob" } });
        await PatchAsync(created.Id(), new { content = "two" });

        var refused = await PatchAsync(created.Id(), new { content = "three" }, "\"1\"");

        Assert.Equal(HttpStatusCode.PreconditionFailed, refused.Status);
        Assert.Equal("two", refused.Body.GetProperty("current").GetProperty("content").GetString());
        Assert.Equal(HttpStatusCode.OK, (await PatchAsync(created.Id(), new { content = "three" }, "\"2\"")).Status);
        Assert.Equal(HttpStatusCode.OK, (await PatchAsync(created.Id(), new { content = "four" }, "\"1\"", "?onConflict=lastWriteWins")).Status);
    }

    [Fact]
    public async Task A_merge_keeps_both_sides_and_names_what_both_changed()
    {
        var created = await stack.Client.CreateAsync(new { content = "base", scope = new { user = "update-cyd" }, metadata = new { a = 1, b = 1 } });
        await PatchAsync(created.Id(), new { metadata = new { a = 2 } });

        var merged = await PatchAsync(created.Id(), new { metadata = new { b = 2 } }, "\"1\"", "?onConflict=merge");
        var refused = await PatchAsync(created.Id(), new { metadata = new { a = 3 } }, "\"1\"", "?onConflict=merge");
        var unbased = await PatchAsync(created.Id(), new { metadata = new { a = 3 } }, null, "?onConflict=merge");

        Assert.Equal("""{"a":2,"b":2}""", merged.Body.GetProperty("memory").GetProperty("metadata").GetRawText());
        Assert.Equal(HttpStatusCode.Conflict, refused.Status);
        Assert.Equal("""["metadata.a"]""", refused.Body.GetProperty("fields").GetRawText());
        Assert.Equal(HttpStatusCode.BadRequest, unbased.Status);
        Assert.Equal(["If-Match"], unbased.WrongFields);
    }

    [Theory]
    [InlineData("{}", "content")]
    [InlineData("""{"content":null}""", "content")]
    [InlineData("""{"content":""}""", "content")]
    [InlineData("""{"kind":"odd"}""", "kind")]
    [InlineData("""{"importance":2}""", "importance")]
    [InlineData("""{"metadata":[]}""", "metadata")]
    [InlineData("""{"embedding":[1,2]}""", "embedding")]
    [InlineData("""{"expiresAt":"2001-01-01T00:00:00Z"}""", "expiresAt")]
    [InlineData("""{"ttlSeconds":0}""", "ttlSeconds")]
    [InlineData("""{"content":"x","scope":{"user":"other"}}""", "scope")]
    [InlineData("""{"content":"x","require":"some"}""", "require")]
    public async Task A_wrong_field_is_400_and_named(string json, string field)
    {
        var created = await stack.Client.CreateAsync(new { content = "unchanged", scope = new { user = "update-dan" } });

        var refused = await PatchTextAsync($"/v1/memories/{created.Id()}", json);

        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Contains(field, refused.WrongFields);
        Assert.Equal("unchanged", (await stack.Client.ReadAsync($"/v1/memories/{created.Id()}?consistency=strong", null)).Body.GetProperty("content").GetString());
    }

    [Fact]
    public async Task Null_gives_a_field_its_default_again()
    {
        var created = await stack.Client.CreateAsync(
            new { content = "all set", kind = "procedural", importance = 0.9, metadata = new { a = 1 }, ttlSeconds = 3600, scope = new { user = "update-eve" } });

        var updated = await PatchTextAsync($"/v1/memories/{created.Id()}", """{"kind":null,"importance":null,"metadata":null,"expiresAt":null}""");

        var memory = updated.Body.GetProperty("memory");
        Assert.Equal(("episodic", 0.5, "{}"), (memory.GetProperty("kind").GetString(), memory.GetProperty("importance").GetDouble(), memory.GetProperty("metadata").GetRawText()));
        Assert.Equal(JsonValueKind.Null, memory.GetProperty("expiresAt").ValueKind);
    }

    [Fact]
    public async Task A_repeated_update_happens_once()
    {
        var created = await stack.Client.CreateAsync(new { content = "one", scope = new { user = "update-fay" } });
        (string, string)[] key = [("Idempotency-Key", "update-fay-1")];

        var first = await stack.Client.CallAsync(HttpMethod.Patch, $"/v1/memories/{created.Id()}", new { content = "two" }, headers: key);
        var again = await stack.Client.CallAsync(HttpMethod.Patch, $"/v1/memories/{created.Id()}", new { content = "two" }, headers: key);
        var other = await stack.Client.CallAsync(HttpMethod.Patch, $"/v1/memories/{created.Id()}", new { content = "three" }, headers: key);

        Assert.Equal(("true", "\"2\""), (again.Header("Idempotency-Replayed"), again.Raw.Headers.ETag!.Tag));
        Assert.Equal(first.Body.GetProperty("memory").GetRawText(), again.Body.GetProperty("memory").GetRawText());
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.Status);
    }

    [Fact]
    public async Task Two_hundred_races_on_one_memory_end_with_redis_equal_to_postgres()
    {
        var created = await stack.Client.CreateAsync(new { content = "0", scope = new { user = "update-gus" } });
        for (var race = 0; race < 200; race++)
        {
            var answers = await Task.WhenAll(PatchAsync(created.Id(), new { content = $"{race} a" }), PatchAsync(created.Id(), new { content = $"{race} b" }));

            Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
            var tokens = string.Join(",", answers.Select(answer => answer.Token));
            var cached = await stack.Client.ReadAsync($"/v1/memories/{created.Id()}", tokens);
            var strong = await stack.Client.ReadAsync($"/v1/memories/{created.Id()}?consistency=strong", tokens);
            Assert.Equal(strong.Body.GetRawText(), cached.Body.GetRawText());
            Assert.Equal((2 * race) + 3, strong.Body.GetProperty("version").GetInt32());
        }
    }

    [Fact]
    public async Task A_revert_brings_an_old_state_back_as_a_new_version_in_every_tier()
    {
        var scope = new { user = "update-hal" };
        var created = await stack.Client.CreateAsync(new { content = "Hal grows orchids.", scope, metadata = new { a = 1 } });
        await PatchAsync(created.Id(), new { content = "Hal fixes radios.", metadata = new { b = 2 } });

        var reverted = await stack.Client.CallAsync(HttpMethod.Post, $"/v1/memories/{created.Id()}/revert", new { version = 1 });

        var memory = reverted.Body.GetProperty("memory");
        Assert.Equal((HttpStatusCode.OK, "\"3\""), (reverted.Status, reverted.Raw.Headers.ETag!.Tag));
        Assert.Equal(("Hal grows orchids.", """{"a":1}"""), (memory.GetProperty("content").GetString(), memory.GetProperty("metadata").GetRawText()));
        Assert.Equal(["Hal grows orchids."], (await stack.Client.SearchAsync(new { query = "orchids", scope, minScore = 0.3 }, reverted.Token)).Contents());
        var history = (await stack.Client.ReadAsync($"/v1/memories/{created.Id()}/history", reverted.Token)).Body.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(["created", "updated", "updated"], history.Select(item => item.GetProperty("type").GetString()));
        var consistency = await stack.Client.ReadAsync($"/v1/memories/{created.Id()}/consistency", reverted.Token);
        Assert.Equal("""{"postgres":{"version":3},"redis":{"version":3},"index":{"version":3},"consistent":true}""", consistency.Body.GetRawText());
    }

    [Fact]
    public async Task What_cannot_be_reverted_is_refused()
    {
        var created = await stack.Client.CreateAsync(new { content = "one", scope = new { user = "update-ida" } });

        Assert.Equal(HttpStatusCode.NotFound, (await RevertAsync(created.Id(), new { version = 2 })).Status);
        Assert.Equal(["version"], (await RevertAsync(created.Id(), new { version = 0 })).WrongFields);
        Assert.Equal(["version"], (await RevertAsync(created.Id(), new { })).WrongFields);
        await stack.Client.CallAsync(HttpMethod.Delete, $"/v1/memories/{created.Id()}");
        Assert.Equal(HttpStatusCode.NotFound, (await RevertAsync(created.Id(), new { version = 1 })).Status);
    }

    [Fact]
    public async Task The_feed_tells_of_updates()
    {
        var created = await stack.Client.CreateAsync(new { content = "one", scope = new { user = "update-joe" } });
        await PatchAsync(created.Id(), new { content = "two" });
        await stack.Client.CallAsync(HttpMethod.Delete, $"/v1/memories/{created.Id()}");

        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/changes?user=update-joe&after=0");
        request.Headers.Accept.ParseAdd("application/x-ndjson");
        using var response = await stack.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        var types = new List<string>();
        while (types.Count < 3)
        {
            if (await lines.ReadLineAsync(TestContext.Current.CancellationToken) is { Length: > 0 } line) types.Add(JsonElement.Parse(line).GetProperty("type").GetString()!);
        }

        Assert.Equal(["created", "updated", "deleted"], types);
    }

    private Task<Answer> RevertAsync(string id, object body) => stack.Client.CallAsync(HttpMethod.Post, $"/v1/memories/{id}/revert", body);

    private Task<Answer> PatchAsync(string id, object patch, string? ifMatch = null, string query = "") =>
        stack.Client.CallAsync(HttpMethod.Patch, $"/v1/memories/{id}{query}", patch, headers: ifMatch is null ? [] : [("If-Match", ifMatch)]);

    private Task<Answer> PatchTextAsync(string path, string json) => stack.Client.AnswerAsync(
        new HttpRequestMessage(HttpMethod.Patch, path) { Content = new StringContent(json, System.Text.Encoding.UTF8, "application/merge-patch+json") });
}
