using System.Net;

namespace MemoryAspire.Api.Tests;

public sealed class SearchTests(Stack stack)
{
    [Fact]
    public async Task A_memory_is_found_by_another_wording()
    {
        var scope = new { user = "search-ada" };
        var last = "";
        foreach (var content in new[] { "Ada drinks tea every morning.", "The car needs new tyres.", "Her sister lives in Lisbon.", "The meeting was moved to Thursday." })
        {
            last = (await stack.Client.CreateAsync(new { content, scope })).Token;
        }

        var found = await stack.Client.SearchAsync(new { query = "which beverage does she like at breakfast?", scope, k = 2 }, last);

        Assert.Equal(HttpStatusCode.OK, found.Status);
        Assert.Equal("", found.Header("Memory-Degraded"));
        Assert.Equal("Ada drinks tea every morning.", found.Contents()[0]);
        Assert.Equal(2, found.Contents().Count);
        Assert.Equal("hybrid", found.Body.GetProperty("mode").GetString());
        var scores = found.Body.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("score").GetDouble()).ToList();
        Assert.Equal(scores.OrderDescending(), scores);
        Assert.All(scores, score => Assert.InRange(score, 0, 1));
    }

    [Fact]
    public async Task A_search_stays_within_its_scope()
    {
        foreach (var (user, agent) in new[] { ("search-bob", "a"), ("search-bob", "b"), ("search-cyd", "a") })
        {
            await stack.Client.CreateAsync(new { content = $"The password hint of {user} {agent} is a colour.", scope = new { user, agent } });
        }

        var token = (await stack.Client.ReadAsync("/v1/memories?user=search-bob", null)).Token;
        Assert.Equal(2, (await stack.Client.SearchAsync(new { query = "password", scope = new { user = "search-bob" } }, token)).Contents().Count);
        Assert.Single((await stack.Client.SearchAsync(new { query = "password", scope = new { user = "search-bob", agent = "a" } }, token)).Contents());
        Assert.Empty((await stack.Client.SearchAsync(new { query = "password", scope = new { user = "search-nobody" } }, token)).Contents());
    }

    [Fact]
    public async Task A_write_is_found_by_the_search_that_carries_its_token()
    {
        for (var round = 0; round < 30; round++)
        {
            var scope = new { user = $"search-now-{round}" };
            var created = await stack.Client.CreateAsync(new { content = "Fresh as can be.", scope });

            Assert.Single((await stack.Client.SearchAsync(new { query = "fresh", scope }, created.Token)).Contents());
        }
    }

    [Fact]
    public async Task As_many_results_come_back_as_match()
    {
        var scope = new { user = "search-many" };
        await Task.WhenAll(Enumerable.Range(0, 60).Select(at => stack.Client.CreateAsync(new { content = $"Note number {at} about gardens.", scope })));
        var token = (await stack.Client.ReadAsync("/v1/memories?user=search-many&limit=1", null)).Token;

        Assert.Equal(60, (await stack.Client.SearchAsync(new { query = "gardens", scope, k = 100 }, token)).Contents().Distinct().Count());
        Assert.Equal(17, (await stack.Client.SearchAsync(new { query = "gardens", scope, k = 17 }, token)).Contents().Count);
    }

    [Fact]
    public async Task A_minimum_score_leaves_out_what_is_further_away()
    {
        var scope = new { user = "search-min" };
        var embedding = new float[100];
        embedding[0] = 1;
        await stack.Client.CreateAsync(new { content = "near", embedding, scope });
        embedding[1] = 3;
        var token = (await stack.Client.CreateAsync(new { content = "far", embedding, scope })).Token;
        var query = new float[100];
        query[0] = 5;

        Assert.Equal(["near", "far"], (await stack.Client.SearchAsync(new { embedding = query, scope }, token)).Contents());
        Assert.Equal(["near"], (await stack.Client.SearchAsync(new { embedding = query, scope, minScore = 0.5 }, token)).Contents());
    }
}
