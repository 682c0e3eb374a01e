using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace MemoryAspire.Api.Tests;

public sealed class BadInputTests(Stack stack)
{
    public static TheoryData<string, string> WrongBodies => new()
    {
        { "{}", "content" },
        { """{"content":""}""", "content" },
        { """{"content":null}""", "content" },
        { """{"content":7}""", "content" },
        { $$"""{"content":"{{new string('x', 32769)}}"}""", "content" },
        { """{"content":"a\u0000b"}""", "content" },
        { """{"content":"\ud800"}""", "content" },
        { """{"content":"x","kind":"dream"}""", "kind" },
        { """{"content":"x","scope":"ada"}""", "scope" },
        { """{"content":"x","scope":{"user":""}}""", "scope.user" },
        { $$$"""{"content":"x","scope":{"agent":"{{{new string('x', 257)}}}"}}""", "scope.agent" },
        { """{"content":"x","metadata":[1]}""", "metadata" },
        { """{"content":"x","metadata":{"k\u0000":1}}""", "metadata" },
        { """{"content":"x","metadata":{"k":["\udc00"]}}""", "metadata" },
        { """{"content":"x","metadata":{"k":1e999999}}""", "metadata" },
        { $$$"""{"content":"x","metadata":{"k":"{{{new string('x', 16384)}}}"}}""", "metadata" },
        { """{"content":"x","importance":1.01}""", "importance" },
        { """{"content":"x","importance":"high"}""", "importance" },
        { """{"content":"x","embedding":[1,2,3]}""", "embedding" },
        { $$"""{"content":"x","embedding":[{{string.Join(",", Enumerable.Repeat("0", 100))}}]}""", "embedding" },
        { $$"""{"content":"x","embedding":[{{string.Join(",", Enumerable.Repeat("1e39", 100))}}]}""", "embedding" },
        { $$"""{"content":"x","embedding":["a"{{string.Concat(Enumerable.Repeat(",1", 99))}}]}""", "embedding" },
        { """{"content":"x","embedding":[NaN,1]}""", "embedding" },
        { """{"content":"x","ttlSeconds":0}""", "ttlSeconds" },
        { """{"content":"x","ttlSeconds":-5}""", "ttlSeconds" },
        { """{"content":"x","expiresAt":"2001-01-01T00:00:00Z"}""", "expiresAt" },
        { """{"content":"x","expiresAt":"tomorrow"}""", "expiresAt" },
        { """{"content":"x","expiresAt":"2100-01-01T00:00:00Z","ttlSeconds":5}""", "ttlSeconds" },
        { """{"content":"x","dedupe":"fuzzy"}""", "dedupe" },
        { """{"content":"x",}""", "content" },
        { "[]", "$" },
        { "", "$" },
    };

    public static TheoryData<string, string> WrongSearches => new()
    {
        { "{}", "query" },
        { """{"query":""}""", "query" },
        { """{"query":"x","k":0}""", "k" },
        { """{"query":"x","k":1001}""", "k" },
        { """{"query":"x","k":1.5}""", "k" },
        { """{"query":"x","mode":"psychic"}""", "mode" },
        { """{"query":"x","minScore":2}""", "minScore" },
        { """{"query":"x","scope":{"session":""}}""", "scope.session" },
        { """{"query":"x","consistency":"sometimes"}""", "consistency" },
        { """{"query":"x","filter":{"kind":{"eq":"opinion"}}}""", "filter" },
        { """{"query":"x","filter":{"metadata.a":{"like":"x"}}}""", "filter" },
        { """{"query":"x","filter":{"metadata.a":{"eq":"\u0000"}}}""", "filter" },
        { """{"query":"x","ranking":{"recency":-1}}""", "ranking.recency" },
        { """{"query":"x","ranking":{"halfLife":"soon"}}""", "ranking.halfLife" },
        { """{"query":"x","ranking":{"halfLife":"-1.00:00:00"}}""", "ranking.halfLife" },
        { """{"query":"x","ranking":{"similarity":0}}""", "ranking" },
        { """{"query":"x","ranking":7}""", "ranking" },
        { """{"query":"x","fusion":"cold"}""", "fusion" },
        { """{"query":"x","cursor":"x"}""", "cursor" },
        { """{"query":"x","cursor":"!"}""", "cursor" },
        { """{"embedding":[1]}""", "embedding" },
    };

    [Theory]
    [MemberData(nameof(WrongBodies))]
    public async Task A_wrong_field_is_400_and_named(string body, string field) => await AssertNamedAsync("/v1/memories", body, field);

    [Theory]
    [MemberData(nameof(WrongSearches))]
    public async Task A_wrong_field_of_a_search_is_400_and_named(string body, string field) => await AssertNamedAsync("/v1/memories/search", body, field);

    [Fact]
    public async Task Every_wrong_field_is_named_at_once()
    {
        var answer = await stack.Client.PostTextAsync("/v1/memories", """{"importance":7,"kind":"x","scope":{"user":""}}""");

        Assert.Equal(["content", "importance", "kind", "scope.user"], answer.WrongFields.Order());
    }

    [Fact]
    public async Task The_longest_content_is_stored_whole()
    {
        var content = new string('ö', 32766) + "🫖";
        var created = await stack.Client.CreateAsync(new { content, scope = new { user = "bad-long" } });

        Assert.Equal(HttpStatusCode.Created, created.Status);
        Assert.Equal(content, (await stack.Client.ReadAsync($"/v1/memories/{created.Id()}", null)).Body.GetProperty("content").GetString());
    }

    [Theory]
    [InlineData("GET", "/v1/memories/0198c0de-0000-7001-8000-000000000001", 404)]
    [InlineData("DELETE", "/v1/memories/0198c0de-0000-7001-8000-000000000001", 404)]
    [InlineData("GET", "/v1/memories/nonsense", 400)]
    [InlineData("DELETE", "/v1/memories/0198c0de-0000-4001-8000-000000000001", 400)]
    [InlineData("GET", "/v1/nothing-here", 404)]
    [InlineData("PUT", "/v1/memories", 405)]
    [InlineData("GET", "/v1/memories?limit=0", 400)]
    [InlineData("GET", "/v1/memories?limit=x", 400)]
    [InlineData("GET", "/v1/memories?cursor=x", 400)]
    [InlineData("GET", "/v1/memories?kind=x", 400)]
    [InlineData("GET", "/v1/memories?user=", 400)]
    [InlineData("GET", "/v1/memories/0198c0de-0000-7001-8000-000000000001?consistency=x", 400)]
    public async Task A_wrong_request_is_a_problem(string method, string path, int status)
    {
        var answer = await stack.Client.CallAsync(new HttpMethod(method), path);

        AssertProblem(answer, status);
    }

    [Fact]
    public async Task A_body_that_is_not_json_is_415()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/memories") { Content = new StringContent("content=x", Encoding.UTF8, "text/plain") };

        AssertProblem(await stack.Client.AnswerAsync(request), 415);
    }

    [Fact]
    public async Task A_body_over_64_MiB_is_413()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/memories")
        {
            Content = new StringContent($$"""{"content":"{{new string('x', 65 * 1024 * 1024)}}"}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.ExpectContinue = true;

        AssertProblem(await stack.Client.AnswerAsync(request), 413);
    }

    [Theory]
    [InlineData("AAAA")]
    [InlineData("not a token")]
    [InlineData("AAAAAAAAAAAAAAAAAAAA")]
    public async Task A_token_that_was_not_issued_here_is_400(string token)
    {
        var answer = await stack.Client.ReadAsync("/v1/memories", token);

        AssertProblem(answer, 400);
        Assert.Equal(["Memory-Token"], answer.WrongFields);
        Assert.NotEmpty(answer.Token);
    }

    [Theory]
    [InlineData("/v1/memories")]
    [InlineData("/v1/memories/0198c0de-0000-7001-8000-000000000001")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/metrics")]
    [InlineData("/unknown")]
    public async Task Everything_but_health_needs_a_key(string path)
    {
        using var client = stack.NewClient();

        AssertProblem(await client.ReadAsync(path, null), 401);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "wrong-key-0123456789");
        AssertProblem(await client.ReadAsync(path, null), 401);
        client.DefaultRequestHeaders.Authorization = null;
        client.DefaultRequestHeaders.Add("X-Api-Key", Stack.Key);
        Assert.NotEqual(HttpStatusCode.Unauthorized, (await client.CallAsync(HttpMethod.Head, path)).Status);
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/alive")]
    public async Task Health_needs_no_key(string path)
    {
        using var client = stack.NewClient();

        Assert.Equal(HttpStatusCode.OK, (await client.ReadAsync(path, null)).Status);
    }

    private static void AssertProblem(Answer answer, int status)
    {
        Assert.Equal(status, (int)answer.Status);
        Assert.Equal("application/problem+json", answer.Raw.Content.Headers.ContentType?.MediaType);
        Assert.Equal(status, answer.Body.GetProperty("status").GetInt32());
        Assert.NotEmpty(answer.Body.GetProperty("title").GetString()!);
    }

    private async Task AssertNamedAsync(string path, string body, string field)
    {
        var answer = await stack.Client.PostTextAsync(path, body);

        AssertProblem(answer, 400);
        Assert.Contains(field, answer.WrongFields);
    }
}
