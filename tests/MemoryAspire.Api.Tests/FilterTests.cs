using System.Net;
using System.Text.Json;

namespace MemoryAspire.Api.Tests;

/// <summary>The same filter means the same in list, search, bulk deletion and the feed.</summary>
public sealed class FilterTests(Stack stack)
{
    [Theory]
    [InlineData("""{"metadata.topic":{"eq":"tea"}}""", "ab")]
    [InlineData("""{"metadata.topic":{"ne":"tea"}}""", "cde")]
    [InlineData("""{"metadata.n":{"gt":1}}""", "b")]
    [InlineData("""{"metadata.n":{"gte":1.0}}""", "ab")]
    [InlineData("""{"metadata.n":{"lt":2}}""", "a")]
    [InlineData("""{"metadata.n":{"lte":2}}""", "ab")]
    [InlineData("""{"metadata.n":{"eq":"1"}}""", "")]
    [InlineData("""{"metadata.n":{"in":[1,"x",true]}}""", "ac")]
    [InlineData("""{"metadata.n":{"nin":[1,"x",true]}}""", "bde")]
    [InlineData("""{"metadata.tags":{"contains":"hot"}}""", "a")]
    [InlineData("""{"metadata.topic":{"contains":"e"}}""", "abc")]
    [InlineData("""{"metadata.topic":{"contains":"E"}}""", "")]
    [InlineData("""{"metadata.topic":{"contains":"%"}}""", "")]
    [InlineData("""{"metadata.n":{"exists":true}}""", "abc")]
    [InlineData("""{"metadata.n":{"exists":false}}""", "de")]
    [InlineData("""{"metadata.deep.er":{"eq":7}}""", "d")]
    [InlineData("""{"kind":{"eq":"semantic"}}""", "e")]
    [InlineData("""{"importance":{"gte":0.9}}""", "e")]
    [InlineData("""{"createdAt":{"gte":"2020-01-01T00:00:00Z"}}""", "abcde")]
    [InlineData("""{"updatedAt":{"lt":"2020-01-01T00:00:00Z"}}""", "")]
    [InlineData("""{"scope.agent":{"eq":"x"}}""", "c")]
    [InlineData("""{"scope.session":{"exists":true}}""", "d")]
    [InlineData("""{"and":[{"metadata.topic":{"eq":"tea"}},{"not":{"metadata.n":{"eq":1}}}]}""", "b")]
    [InlineData("""{"or":[{"metadata.n":{"eq":1}},{"scope.agent":{"eq":"x"}}]}""", "ac")]
    public async Task Every_operator_means_the_same_in_list_and_search(string filter, string expected)
    {
        var user = $"filter-{Guid.CreateVersion7()}";
        var token = await StoreAsync(user);
        var url = $"/v1/memories?user={user}&filter={Uri.EscapeDataString(filter)}";
        var body = JsonElement.Parse(filter);

        var listed = await stack.Client.ReadAsync(url, token);
        var near = await stack.Client.SearchAsync(new { query = "note", mode = "semantic", scope = new { user }, filter = body }, token);
        var worded = await stack.Client.SearchAsync(new { query = "note", mode = "keyword", scope = new { user }, filter = body }, token);
        var both = await stack.Client.SearchAsync(new { query = "note", scope = new { user }, filter = body }, token);

        Assert.Equal(expected, Names(listed.Body.GetProperty("items").EnumerateArray()));
        foreach (var found in new[] { near, worded, both }) Assert.Equal(expected, Names(found.Body.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("memory"))));
    }

    [Fact]
    public async Task A_filtered_deletion_takes_what_matches_and_nothing_else()
    {
        var user = $"filter-{Guid.CreateVersion7()}";
        var token = await StoreAsync(user);
        var filter = Uri.EscapeDataString("""{"metadata.topic":{"eq":"tea"}}""");

        var deleted = await stack.Client.CallAsync(HttpMethod.Delete, $"/v1/memories?user={user}&filter={filter}", null, token);
        var left = await stack.Client.ReadAsync($"/v1/memories?user={user}", deleted.Token);

        Assert.Equal(2, deleted.Body.GetProperty("deleted").GetInt32());
        Assert.Equal("cde", Names(left.Body.GetProperty("items").EnumerateArray()));
    }

    [Fact]
    public async Task The_feed_gives_what_matches_and_the_end_of_it()
    {
        var user = $"filter-{Guid.CreateVersion7()}";
        var filter = Uri.EscapeDataString("""{"metadata.topic":{"eq":"tea"}}""");
        await using var reader = await FeedReader.OpenAsync(stack.Client, $"?user={user}&filter={filter}");
        await StoreAsync(user);
        var doomed = (await stack.Client.ReadAsync($"/v1/memories?user={user}&filter={filter}", null)).Body.GetProperty("items")[0].GetProperty("id").GetString();
        await stack.Client.CallAsync(HttpMethod.Delete, $"/v1/memories/{doomed}");

        var events = await reader.TakeAsync(3);

        Assert.Equal(["created", "created", "deleted"], events.Select(one => one.Type));
    }

    [Theory]
    [InlineData("GET", "/v1/memories?filter=%7B")]
    [InlineData("GET", "/v1/memories?filter=%7B%22colour%22%3A%7B%22eq%22%3A1%7D%7D")]
    [InlineData("DELETE", "/v1/memories?user=x&filter=%5B%5D")]
    [InlineData("GET", "/v1/changes?filter=1")]
    public async Task A_wrong_filter_is_400_and_named(string method, string path)
    {
        var answer = await stack.Client.CallAsync(new HttpMethod(method), path);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(["filter"], answer.WrongFields);
    }

    private async Task<string> StoreAsync(string user)
    {
        await stack.Client.CreateAsync(new { content = "note a", scope = new { user }, metadata = new { topic = "tea", n = 1, tags = new object[] { "hot", 2 } } });
        await stack.Client.CreateAsync(new { content = "note b", scope = new { user }, metadata = new { topic = "tea", n = 2 } });
        await stack.Client.CreateAsync(new { content = "note c", scope = new { user, agent = "x" }, metadata = new { topic = "coffee", n = "x" } });
        await stack.Client.CreateAsync(new { content = "note d", scope = new { user, session = "s" }, metadata = new { n = (string?)null, deep = new { er = 7 } } });
        return (await stack.Client.CreateAsync(new { content = "note e", scope = new { user }, kind = "semantic", importance = 0.9 })).Token;
    }

    private static string Names(IEnumerable<JsonElement> memories) =>
        string.Concat(memories.Select(memory => memory.GetProperty("content").GetString()![^1]).Order());
}
