using System.Text;
using MemoryAspire.Cli.Api;

namespace MemoryAspire.Cli.Tests;

public class TokenTests
{
    [Fact]
    public void A_token_takes_the_place_of_those_it_covers_and_of_no_other()
    {
        var seen = new SeenTokens();
        var before = seen.Current;
        Assert.Empty(before);
        seen.Replace(before, "a");
        seen.Replace(before, "b");
        Assert.Equal(["a", "b"], seen.Current.Order());
        var both = seen.Current;
        seen.Replace(["a"], "c");
        seen.Replace(both, "d");
        Assert.Equal(["c", "d"], seen.Current.Order());
    }

    [Fact]
    public async Task What_many_writes_at_once_have_seen_a_later_search_sees()
    {
        await using var server = await LoopbackApi.StartAsync();
        using var api = new MemoryApi(new(new(server.Url), LoopbackApi.ApiKey), Backoff.Interactive, TimeProvider.System);
        var cancellationToken = TestContext.Current.CancellationToken;
        await Parallel.ForEachAsync(Enumerable.Range(1, 200), new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancellationToken }, async (i, token) =>
            await api.CreateAsync(Encoding.UTF8.GetBytes($$"""{"content":"{{i}}"}"""), $"key-{i}", token));
        await api.SearchAsync("""{"query":"7"}"""u8.ToArray(), cancellationToken);
        var tokens = server.Requests.Last().Tokens;
        Assert.Contains("200", tokens);
        Assert.InRange(tokens.Length, 1, 16);
        await api.SearchAsync("""{"query":"7"}"""u8.ToArray(), cancellationToken);
        Assert.Equal(["200"], server.Requests.Last().Tokens);
    }
}
