using System.Net;
using System.Text.Json;

namespace MemoryAspire.Api.Tests;

public sealed class HistoryTests(Stack stack)
{
    [Fact]
    public async Task A_history_tells_who_did_what_when_in_which_transaction()
    {
        var created = await stack.Client.CreateAsync(new { content = "Told in full.", scope = new { user = "history-ada", agent = "chef" } });
        var deleted = await stack.Client.CallAsync(HttpMethod.Delete, $"/v1/memories/{created.Id()}");

        var history = await stack.Client.ReadAsync($"/v1/memories/{created.Id()}/history", deleted.Token);

        Assert.Equal(HttpStatusCode.OK, history.Status);
        var items = history.Body.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(["created", "deleted"], items.Select(item => item.GetProperty("type").GetString()));
        Assert.Equal([1, 2], items.Select(item => item.GetProperty("version").GetInt64()));
        Assert.Equal(created.Body.GetProperty("memory").GetRawText(), items[0].GetProperty("memory").GetRawText());
        Assert.Equal(JsonValueKind.Null, items[1].GetProperty("memory").ValueKind);
        Assert.Equal(items[0].GetProperty("position").GetInt64() + 1, items[1].GetProperty("position").GetInt64());
        Assert.NotEqual(items[0].GetProperty("transactionId").GetGuid(), items[1].GetProperty("transactionId").GetGuid());
        Assert.All(items, item =>
        {
            Assert.Equal("key:first", item.GetProperty("actor").GetString());
            Assert.Equal(created.Id(), item.GetProperty("memoryId").GetString());
            Assert.Equal("""{"user":"history-ada","agent":"chef"}""", item.GetProperty("scope").GetRawText());
            Assert.False(item.TryGetProperty("token", out _));
        });
        Assert.True(items[0].GetProperty("at").GetDateTimeOffset() <= items[1].GetProperty("at").GetDateTimeOffset());
        Assert.Equal(JsonValueKind.Null, history.Body.GetProperty("nextCursor").ValueKind);
    }

    [Fact]
    public async Task A_long_history_is_paged_oldest_first()
    {
        var created = await stack.Client.CreateAsync(new { content = "Paged.", scope = new { user = "history-bob" } });
        await stack.Client.CallAsync(HttpMethod.Delete, $"/v1/memories/{created.Id()}");
        var path = $"/v1/memories/{created.Id()}/history?limit=1";

        var first = await stack.Client.ReadAsync(path, null);
        var second = await stack.Client.ReadAsync($"{path}&cursor={first.Body.GetProperty("nextCursor").GetString()}", null);
        var beyond = await stack.Client.ReadAsync($"{path}&cursor=2", null);

        Assert.Equal((1, "created"), Single(first));
        Assert.Equal((2, "deleted"), Single(second));
        Assert.Equal(JsonValueKind.Null, second.Body.GetProperty("nextCursor").ValueKind);
        Assert.Equal((HttpStatusCode.OK, 0), (beyond.Status, beyond.Body.GetProperty("items").GetArrayLength()));

        static (long Version, string? Type) Single(Answer page)
        {
            var item = Assert.Single(page.Body.GetProperty("items").EnumerateArray());
            return (item.GetProperty("version").GetInt64(), item.GetProperty("type").GetString());
        }
    }

    [Fact]
    public async Task The_past_of_a_deleted_memory_is_read_by_version_and_by_time()
    {
        var embedding = Enumerable.Range(0, 100).Select(at => (float)Math.Cos(at)).ToArray();
        var created = await stack.Client.CreateAsync(new { content = "It was.", embedding, scope = new { user = "history-cyd" } });
        var before = await stack.Client.ReadAsync($"/v1/memories/{created.Id()}?version=1", created.Token);
        var deleted = await stack.Client.CallAsync(HttpMethod.Delete, $"/v1/memories/{created.Id()}");
        var at = created.Body.GetProperty("memory").GetProperty("createdAt").GetString();

        foreach (var query in new[] { "version=1", $"asOf={at}", $"asOf={at![..^1]}000%2B00:00", $"asOf={at[..^1]}+00:00" })
        {
            var past = await stack.Client.ReadAsync($"/v1/memories/{created.Id()}?{query}", deleted.Token);
            var whole = await stack.Client.ReadAsync($"/v1/memories/{created.Id()}?{query}&include=embedding", deleted.Token);

            Assert.Equal((HttpStatusCode.OK, "\"1\"", "postgres"), (past.Status, past.Raw.Headers.ETag?.Tag, past.Header("Memory-Source")));
            Assert.Equal(created.Body.GetProperty("memory").GetRawText(), past.Body.GetRawText());
            Assert.Equal(before.Body.GetRawText(), past.Body.GetRawText());
            Assert.Equal(embedding, whole.Body.GetProperty("embedding").EnumerateArray().Select(value => value.GetSingle()));
            Assert.Equal(deleted.Token, past.Token);
        }
    }

    [Theory]
    [InlineData("version=2")]
    [InlineData("version=3")]
    [InlineData("asOf=2001-01-01T00:00:00Z")]
    [InlineData("asOf=2999-01-01T00:00:00.123456789-05:00")]
    public async Task Where_there_was_nothing_the_answer_is_404(string query)
    {
        var created = await stack.Client.CreateAsync(new { content = "Briefly.", scope = new { user = "history-dan" } });
        await stack.Client.CallAsync(HttpMethod.Delete, $"/v1/memories/{created.Id()}");

        Assert.Equal(HttpStatusCode.NotFound, (await stack.Client.ReadAsync($"/v1/memories/{created.Id()}?{query}", null)).Status);
    }

    [Fact]
    public async Task What_has_expired_by_a_time_was_absent_then_but_keeps_its_versions()
    {
        var expires = DateTimeOffset.UtcNow.AddSeconds(1).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", System.Globalization.CultureInfo.InvariantCulture);
        var created = await stack.Client.CreateAsync(new { content = "For a moment.", expiresAt = expires, scope = new { user = "history-eve" } });
        var at = created.Body.GetProperty("memory").GetProperty("createdAt").GetString();

        Assert.Equal(HttpStatusCode.OK, (await stack.Client.ReadAsync($"/v1/memories/{created.Id()}?asOf={at}", null)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await stack.Client.ReadAsync($"/v1/memories/{created.Id()}?asOf={expires}", null)).Status);
        await Until.TrueAsync(async () => (await stack.Client.ReadAsync($"/v1/memories/{created.Id()}", null)).Status == HttpStatusCode.NotFound);
        Assert.Equal(HttpStatusCode.OK, (await stack.Client.ReadAsync($"/v1/memories/{created.Id()}?version=1", null)).Status);
        Assert.Equal(HttpStatusCode.OK, (await stack.Client.ReadAsync($"/v1/memories/{created.Id()}?asOf={at}", null)).Status);
    }

    [Theory]
    [InlineData("?version=0", "version")]
    [InlineData("?version=-1", "version")]
    [InlineData("?version=", "version")]
    [InlineData("?version=1.5", "version")]
    [InlineData("?version=99999999999999999999", "version")]
    [InlineData("?asOf=", "asOf")]
    [InlineData("?asOf=yesterday", "asOf")]
    [InlineData("?asOf=2026-01-01", "asOf")]
    [InlineData("?asOf=2026-01-01T00:00:00", "asOf")]
    [InlineData("?asOf=2026-13-01T00:00:00Z", "asOf")]
    [InlineData("?asOf=2026-01-01T00:00:00Z%0A", "asOf")]
    [InlineData("?asOf=2026-01-01T00:00:00Z&version=1", "asOf")]
    [InlineData("/history?limit=0", "limit")]
    [InlineData("/history?limit=1001", "limit")]
    [InlineData("/history?cursor=x", "cursor")]
    [InlineData("/history?cursor=-1", "cursor")]
    public async Task A_wrong_value_is_400_and_named(string rest, string field)
    {
        var answer = await stack.Client.ReadAsync($"/v1/memories/0198c0de-0000-7001-8000-000000000001{rest}", null);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal([field], answer.WrongFields);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/history")]
    [InlineData("/history?cursor=1")]
    [InlineData("/consistency")]
    [InlineData("?version=1")]
    [InlineData("?asOf=2999-01-01T00:00:00Z")]
    public async Task What_another_tenant_had_never_was(string rest)
    {
        await using var direct = new DirectWrites(stack);
        var theirs = Assert.Single(await direct.CreateAsync("other", "history-fay", "Not yours."));

        Assert.Equal(HttpStatusCode.NotFound, (await stack.Client.ReadAsync($"/v1/memories/{theirs.MemoryId}{rest}", null)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await stack.Client.ReadAsync($"/v1/memories/0198c0de-0000-7001-8000-000000000001{rest}", null)).Status);
    }
}
