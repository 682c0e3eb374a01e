using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc.Testing;

namespace MemoryAspire.Api.Tests;

/// <summary>However a search is served, the same is found.</summary>
public sealed class SearchPlanTests(Stack stack)
{
    private const int Count = 120;

    [Fact]
    public async Task Every_plan_finds_the_same_and_k_whenever_k_match()
    {
        var agent = $"plan-{Guid.CreateVersion7()}";
        var token = await StoreAsync(agent);
        await using var named = await stack.StartApiAsync(("Search:FilterPlan", "Named"));
        await using var walk = await stack.StartApiAsync(("Search:FilterPlan", "Walk"));
        var clients = new[] { stack.Client, Client(named), Client(walk) };
        foreach (var (filter, matching) in new[] { ("""{"metadata.n":{"lt":3}}""", 3), ("""{"metadata.n":{"gte":3}}""", Count - 3), ("""{"metadata.n":{"eq":-1}}""", 0), ("""{"metadata.odd":{"eq":true}}""", Count / 2) })
        {
            var search = new { embedding = Vector(7), k = 10, scope = new { agent }, filter = JsonElement.Parse(filter) };
            var found = new List<IReadOnlyList<string>>();
            foreach (var client in clients) found.Add((await client.SearchAsync(search, token)).Contents());

            Assert.Equal(Math.Min(10, matching), found[0].Count);
            Assert.All(found, one => Assert.Equal(found[0], one));
        }
    }

    [Fact]
    public async Task A_scope_that_is_not_looked_at_whole_gives_the_same_words_and_as_many_results()
    {
        var agent = $"plan-{Guid.CreateVersion7()}";
        var token = await StoreAsync(agent);
        await using var wide = await stack.StartApiAsync(("Search:ScopeMax", "5"));
        var client = Client(wide);
        var filter = JsonElement.Parse("""{"metadata.odd":{"eq":true}}""");
        foreach (var mode in new[] { "keyword", "hybrid", "semantic" })
        {
            var ranking = new { context = 0, importance = 0.1 };
            var search = new { query = "garden note 17", mode, k = 50, scope = new { agent }, filter, ranking };

            var whole = await stack.Client.SearchAsync(search, token);
            var part = await client.SearchAsync(search, token);

            Assert.Equal(50, whole.Contents().Count);
            Assert.Equal(mode, part.Body.GetProperty("mode").GetString());
            Assert.Equal(50, part.Contents().Count);
            Assert.Equal(whole.Contents()[0], part.Contents()[0]);
        }
    }

    [Fact]
    public async Task Without_the_index_a_wide_scope_is_searched_by_its_words()
    {
        await using var own = new Stack();
        await own.InitializeAsync();
        await own.Client.CreateAsync(new { content = "A zither played.", scope = new { user = "a" } });
        await own.Client.CreateAsync(new { content = "The rain fell.", scope = new { user = "a" } });
        await using var api = await own.StartApiAsync(("Search:ScopeMax", "1"), ("Search:ScopeMaxWithoutIndex", "1"));
        using var client = Client(api);
        await own.StopIndexAsync();

        var found = await client.SearchAsync(new { query = "zither", scope = new { user = "a" } });
        var refused = await client.SearchAsync(new { embedding = Vector(1), scope = new { user = "a" } });

        Assert.Equal(("keyword", "index"), (found.Body.GetProperty("mode").GetString(), found.Header("Memory-Degraded")));
        Assert.Equal(["A zither played."], found.Contents());
        Assert.Equal((System.Net.HttpStatusCode.ServiceUnavailable, "index"), (refused.Status, refused.Header("Memory-Degraded")));
        Assert.NotNull(refused.Raw.Headers.RetryAfter);
    }

    private async Task<string> StoreAsync(string agent)
    {
        var memories = Enumerable.Range(0, Count).Select(number => new
        {
            content = $"Garden note {number}.",
            embedding = Vector(number),
            scope = new { user = $"{agent}-{number % 5}", agent },
            metadata = new { n = number, odd = number % 2 == 1 },
        });
        return (await stack.Client.CallAsync(HttpMethod.Post, "/v1/memories/batch", new { memories })).Token;
    }

    private static HttpClient Client(WebApplicationFactory<Program> api)
    {
        var client = new HttpClient { BaseAddress = api.ClientOptions.BaseAddress };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Stack.Key);
        return client;
    }

    private static float[] Vector(int number)
    {
        var random = new Random(number);
        return [.. Enumerable.Range(0, 100).Select(_ => random.NextSingle() - 0.5f)];
    }
}
