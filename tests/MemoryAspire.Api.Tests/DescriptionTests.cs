using System.Net;

namespace MemoryAspire.Api.Tests;

public sealed class DescriptionTests(Stack stack)
{
    [Fact]
    public async Task The_api_describes_its_requests_and_answers()
    {
        var document = (await stack.Client.ReadAsync("/openapi/v1.json", null)).Body;

        Assert.StartsWith("3.1", document.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        var create = document.GetProperty("paths").GetProperty("/v1/memories").GetProperty("post");
        Assert.True(create.TryGetProperty("requestBody", out _));
        Assert.True(create.GetProperty("responses").TryGetProperty("201", out _));
        var schemas = document.GetProperty("components").GetProperty("schemas");
        Assert.Equal(
            ["content", "dedupe", "embedding", "expiresAt", "importance", "kind", "metadata", "scope", "ttlSeconds"],
            schemas.GetProperty("CreateBody").GetProperty("properties").EnumerateObject().Select(property => property.Name).Order());
    }

    [Fact]
    public async Task Health_has_one_entry_per_tier()
    {
        var answer = await stack.Client.ReadAsync("/health", null);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("Healthy", answer.Body.GetProperty("status").GetString());
        var tiers = answer.Body.GetProperty("entries").EnumerateObject().Select(entry => entry.Name);
        Assert.Empty(new[] { "redis", "postgres", "index", "consistency" }.Except(tiers));
    }

    [Fact]
    public async Task A_repeated_request_tells_the_same_again()
    {
        var memory = new { content = "Told twice.", scope = new { user = "again" } };
        var first = await stack.Client.CallAsync(HttpMethod.Post, "/v1/memories", memory, headers: ("Idempotency-Key", "again-1"));
        var again = await stack.Client.CallAsync(HttpMethod.Post, "/v1/memories", memory, headers: ("Idempotency-Key", "again-1"));
        var other = await stack.Client.CallAsync(HttpMethod.Post, "/v1/memories", new { content = "Else." }, headers: ("Idempotency-Key", "again-1"));

        Assert.Equal(("", "true"), (first.Header("Idempotency-Replayed"), again.Header("Idempotency-Replayed")));
        Assert.Equal((first.Status, first.Body.GetRawText(), first.Raw.Headers.ETag), (again.Status, again.Body.GetRawText(), again.Raw.Headers.ETag));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.Status);
    }

    [Fact]
    public async Task Metrics_are_prometheus_text()
    {
        // Of its own: when one of several hosts in a process ends, the metrics that all of them have end in the others too.
        await using var own = new Stack();
        await own.InitializeAsync();
        using var response = await own.Client.GetAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/plain", response.Content.Headers.ContentType?.MediaType);

        // A request is counted after its answer was sent.
        await Until.TrueAsync(async () =>
            (await own.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken))
                .Contains("# TYPE http_server_request_duration_seconds histogram", StringComparison.Ordinal));

        await own.Client.CallAsync(HttpMethod.Post, "/v1/memories", new { content = "Ada prefers tea." });
        foreach (var metric in new[] { "memory_consistency_errors_total{", "memory_sync_latency_seconds_count{", "faiss_index_size{" })
        {
            await Until.TrueAsync(async () =>
                (await own.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken))
                    .Contains($"\n{metric}", StringComparison.Ordinal));
        }
    }
}
