using System.Net;
using System.Text.Json;

namespace MemoryAspire.Api.Tests;

/// <summary>Modes, scores and pages of a search.</summary>
public sealed class RankingTests(Stack stack)
{
    [Fact]
    public async Task Keyword_finds_words_in_all_their_forms_phrases_and_beginnings()
    {
        var (user, token) = await StoreAsync("She paints mountains.", "A mountain hut burned down.", "Paint the old door.", "Nothing of that.");

        Assert.Equal(["A mountain hut burned down.", "She paints mountains."], (await KeywordAsync(user, token, "mountain")).Contents().Order());
        Assert.Equal(["She paints mountains."], (await KeywordAsync(user, token, "painting mountains")).Contents().Take(1));
        Assert.Equal(["A mountain hut burned down."], (await KeywordAsync(user, token, "\"mountain hut\"")).Contents());
        Assert.Equal(["A mountain hut burned down."], (await KeywordAsync(user, token, "burn*")).Contents());
        Assert.Empty((await KeywordAsync(user, token, "\"hut mountain\"")).Contents());
        Assert.Empty((await KeywordAsync(user, token, "the of")).Contents());
    }

    [Fact]
    public async Task A_misspelt_word_finds_what_was_meant()
    {
        var (user, token) = await StoreAsync("We went kayaking in Lisbon.", "The dentist called.");

        Assert.Equal(["We went kayaking in Lisbon."], (await KeywordAsync(user, token, "kayakng")).Contents());
        Assert.Equal(["The dentist called."], (await KeywordAsync(user, token, "dentst")).Contents());
    }

    [Fact]
    public async Task The_rarer_word_counts_more()
    {
        var (user, token) = await StoreAsync([.. Enumerable.Range(0, 8).Select(number => $"Coffee, cup {number}."), "A saxophone."]);

        Assert.Equal("A saxophone.", (await KeywordAsync(user, token, "coffee saxophone")).Contents()[0]);
    }

    [Theory]
    [InlineData("semantic", "semantic")]
    [InlineData("keyword", "keyword")]
    [InlineData("hybrid", "hybrid")]
    [InlineData(null, "hybrid")]
    public async Task Scores_fall_within_0_and_1_and_the_mode_that_ran_is_told(string? mode, string ran)
    {
        var (user, token) = await StoreAsync("Ada drinks tea.", "Tea grows on hills.", "The bus is late.");

        var found = await stack.Client.SearchAsync(new { query = "tea", mode, scope = new { user } }, token);

        Assert.Equal(ran, found.Body.GetProperty("mode").GetString());
        var scores = Scores(found);
        Assert.Equal(scores.OrderDescending(), scores);
        Assert.All(scores, score => Assert.InRange(score, 0, 1));
        Assert.All(Results(found), result => Assert.Equal(
            ran == "keyword" ? JsonValueKind.Null : JsonValueKind.Number, result.GetProperty("similarity").ValueKind));
        Assert.Equal(ran == "keyword" ? 2 : 3, scores.Count);
    }

    [Fact]
    public async Task A_semantic_score_is_the_cosine_and_no_less_than_0()
    {
        var user = $"rank-{Guid.CreateVersion7()}";
        await stack.Client.CreateAsync(new { content = "one", embedding = Vector(1, 0), scope = new { user } });
        await stack.Client.CreateAsync(new { content = "two", embedding = Vector(3, 4), scope = new { user } });
        var token = (await stack.Client.CreateAsync(new { content = "three", embedding = Vector(-1, 0), scope = new { user } })).Token;

        var found = await stack.Client.SearchAsync(new { embedding = Vector(2, 0), scope = new { user } }, token);

        Assert.Equal("semantic", found.Body.GetProperty("mode").GetString());
        Assert.Equal(["one", "two", "three"], found.Contents());
        Assert.Equal([1, 0.6, 0], Scores(found).Select(score => Math.Round(score, 5)));
        Assert.Equal([1, 0.6, -1], Results(found).Select(result => Math.Round(result.GetProperty("similarity").GetDouble(), 5)));
    }

    [Fact]
    public async Task A_memory_without_a_vector_is_found_by_its_words_only()
    {
        var user = $"rank-{Guid.CreateVersion7()}";
        await stack.Client.CreateAsync(new { content = "!!!", scope = new { user } });
        var token = (await stack.Client.CreateAsync(new { content = "tea", scope = new { user } })).Token;

        foreach (var mode in new[] { "semantic", "hybrid", "keyword" })
        {
            Assert.Equal(["tea"], (await stack.Client.SearchAsync(new { query = "tea", mode, scope = new { user } }, token)).Contents());
        }

        Assert.Empty((await stack.Client.SearchAsync(new { query = "!!!", scope = new { user } }, token)).Contents());
    }

    [Fact]
    public async Task Ranking_is_the_weighted_mean_of_match_recency_and_importance()
    {
        var user = $"rank-{Guid.CreateVersion7()}";
        await stack.Client.CreateAsync(new { content = "near", embedding = Vector(1, 0), importance = 0.0, scope = new { user } });
        var token = (await stack.Client.CreateAsync(new { content = "important", embedding = Vector(3, 4), importance = 1.0, scope = new { user } })).Token;
        object Search(object ranking) => new { embedding = Vector(1, 0), scope = new { user }, ranking };

        var plain = await stack.Client.SearchAsync(Search(new { similarity = 2.0 }), token);
        var important = await stack.Client.SearchAsync(Search(new { similarity = 1.0, importance = 1.0 }), token);
        var recent = await stack.Client.CallAsync(HttpMethod.Post, "/v1/memories/search?explain=true", Search(new { recency = 1.0, halfLife = "00:00:00.0010000" }), token);

        Assert.Equal(["near", "important"], plain.Contents());
        Assert.Equal(["important", "near"], important.Contents());
        Assert.Equal([0.8, 0.5], Scores(important).Select(score => Math.Round(score, 5)));
        foreach (var result in Results(recent))
        {
            var parts = result.GetProperty("explain");
            Assert.Equal((parts.GetProperty("base").GetDouble() + parts.GetProperty("recency").GetDouble()) / 2, result.GetProperty("score").GetDouble(), 5);
        }
    }

    [Fact]
    public async Task Each_part_of_a_score_is_told_on_request()
    {
        var (user, token) = await StoreAsync("Ada drinks tea.", "The bus is late.");

        var plain = await stack.Client.SearchAsync(new { query = "tea", scope = new { user } }, token);
        var found = await stack.Client.CallAsync(HttpMethod.Post, "/v1/memories/search?explain=true", new { query = "tea", scope = new { user } }, token);

        Assert.False(Results(plain)[0].TryGetProperty("explain", out _));
        var parts = Results(found)[0].GetProperty("explain");
        var (semantic, keyword, context) = (parts.GetProperty("semantic").GetDouble(), parts.GetProperty("keyword").GetDouble(), parts.GetProperty("context").GetDouble());
        var sum = 1 - ((1 - ((0.35 * semantic) + (0.65 * keyword))) * (1 - context));
        Assert.Equal(1 - ((1 - sum) * (1 - sum)), parts.GetProperty("base").GetDouble(), 6);
        Assert.Equal(parts.GetProperty("base").GetDouble(), Results(found)[0].GetProperty("score").GetDouble(), 5);
    }

    [Fact]
    public async Task Reciprocal_ranks_give_1_to_what_is_first_in_both_orders()
    {
        var (user, token) = await StoreAsync("Ada drinks tea.", "The bus is late.");

        var found = await stack.Client.SearchAsync(new { query = "Ada drinks tea.", fusion = "rrf", scope = new { user } }, token);

        Assert.Equal("Ada drinks tea.", found.Contents()[0]);
        Assert.Equal(1, Scores(found)[0], 6);
    }

    [Theory]
    [InlineData("semantic")]
    [InlineData("keyword")]
    [InlineData("hybrid")]
    public async Task Pages_give_everything_once_while_others_write(string mode)
    {
        var (user, token) = await StoreAsync([.. Enumerable.Range(0, 23).Select(number => $"Tea note {number}, {new string('x', number)} and {number * 7}.")]);
        var read = new List<string>();
        object? cursor = null;
        do
        {
            var page = await stack.Client.SearchAsync(new { query = "tea note", mode, k = 5, scope = new { user }, cursor }, token);
            Assert.Equal(HttpStatusCode.OK, page.Status);
            read.AddRange(page.Contents());
            cursor = page.Body.GetProperty("nextCursor").GetString();
            token = (await stack.Client.CreateAsync(new { content = $"Tea note written meanwhile, {read.Count}.", scope = new { user } })).Token;
        }
        while (cursor is not null);

        Assert.Equal(23, read.Count);
        Assert.Equal(23, read.Distinct().Count());
    }

    [Fact]
    public async Task A_cursor_belongs_to_its_search()
    {
        var (user, token) = await StoreAsync("Tea one.", "Tea two.");
        var first = await stack.Client.SearchAsync(new { query = "tea", k = 1, scope = new { user } }, token);
        var cursor = first.Body.GetProperty("nextCursor").GetString();

        var other = await stack.Client.SearchAsync(new { query = "coffee", k = 1, scope = new { user }, cursor }, token);

        Assert.Equal(["cursor"], other.WrongFields);
    }

    [Fact]
    public async Task A_scope_that_is_absent_matches_everything_and_another_tenant_is_never_seen()
    {
        var (_, token) = await StoreAsync("A zyzzyva flew in.");

        var found = await stack.Client.SearchAsync(new { query = "zyzzyva", mode = "keyword" }, token);

        Assert.Equal(["A zyzzyva flew in."], found.Contents());
    }

    [Fact]
    public async Task A_changed_or_deleted_memory_is_found_as_it_is_now_or_not_at_all()
    {
        var (user, token) = await StoreAsync("Ada lives in Rome.", "Ada lives in Oslo.");
        var listed = (await stack.Client.ReadAsync($"/v1/memories?user={user}", token)).Body.GetProperty("items");
        await stack.Client.CallAsync(HttpMethod.Patch, $"/v1/memories/{listed[0].GetProperty("id").GetString()}", new { content = "Ada lives in Bern." });
        var last = await stack.Client.CallAsync(HttpMethod.Delete, $"/v1/memories/{listed[1].GetProperty("id").GetString()}");

        foreach (var mode in new[] { "semantic", "keyword", "hybrid" })
        {
            Assert.Equal(["Ada lives in Bern."], (await stack.Client.SearchAsync(new { query = "where does Ada live, Oslo or Rome?", mode, scope = new { user } }, last.Token)).Contents());
        }
    }

    [Fact]
    public async Task A_strong_search_sees_what_was_committed_without_a_token()
    {
        for (var round = 0; round < 10; round++)
        {
            var (user, _) = await StoreAsync("Fresh.");

            Assert.Single((await stack.Client.SearchAsync(new { query = "fresh", mode = "semantic", scope = new { user }, consistency = "strong" })).Contents());
        }
    }

    private async Task<(string User, string Token)> StoreAsync(params string[] contents)
    {
        var user = $"rank-{Guid.CreateVersion7()}";
        var token = "";
        foreach (var content in contents) token = (await stack.Client.CreateAsync(new { content, scope = new { user } })).Token;
        return (user, token);
    }

    private Task<Answer> KeywordAsync(string user, string token, string query) =>
        stack.Client.SearchAsync(new { query, mode = "keyword", scope = new { user } }, token);

    private static List<double> Scores(Answer answer) => [.. Results(answer).Select(result => result.GetProperty("score").GetDouble())];

    private static List<JsonElement> Results(Answer answer) => [.. answer.Body.GetProperty("results").EnumerateArray()];

    private static float[] Vector(float first, float second)
    {
        var vector = new float[100];
        (vector[0], vector[1]) = (first, second);
        return vector;
    }
}
