namespace MemoryAspire.Cli.Tests;

public class EvalTests
{
    private const string File = """
        [{"sample_id":"c1","conversation":{"session_1_date_time":"1:56 pm on 8 May, 2023","session_1":[
          {"speaker":"Ada","dia_id":"D1:1","text":"I keep bees."},{"speaker":"Bob","dia_id":"D1:2","text":"I sail."},{"speaker":"Ada","dia_id":"D1:3","text":"I sail too."}]},
          "qa":[{"question":"bees","answer":"x","evidence":["D1:1"],"category":4},{"question":"sail","answer":"x","evidence":["D1:2","D1:9"],"category":1},
                {"question":"nothing","answer":"x","evidence":["D1:1"],"category":4},{"question":"left out","answer":"x","evidence":[],"category":3}]}]
        """;

    [Fact]
    public async Task Evidence_found_is_counted_for_each_mode_and_nothing_is_left_behind()
    {
        await using var api = await LoopbackApi.StartAsync();
        api.Degraded = null;
        using var shell = Shell.For(api);
        shell.Write("c.json", File);

        var ran = await shell.RunAsync("eval", "c.json", "--json");

        // bees: 1 of 1; sail: 1 of 2; nothing: 0.
        Assert.Equal(0, ran.Code);
        var modes = ran.Json["modes"]!.AsArray();
        Assert.Equal(["semantic", "keyword", "hybrid"], modes.Select(mode => (string?)mode!["mode"]));
        Assert.All(modes, mode => Assert.Equal((3, 0.5, 0.5), ((int)mode!["questions"]!, (double)mode["recall"]!["5"]!, (double)mode["recall"]!["20"]!)));
        Assert.Contains("c.json: 12 of 12", ran.Error, StringComparison.Ordinal);
        Assert.Empty(api.Memories);
        Assert.All(api.Requests.Where(request => request.Path == "/v1/memories/search"), request => Assert.StartsWith("eval-", (string?)request.Body!["scope"]!["user"], StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_table_is_for_people_and_what_is_stored_can_be_kept()
    {
        await using var api = await LoopbackApi.StartAsync();
        api.Degraded = null;
        using var shell = Shell.For(api);
        shell.Write("c.json", File);

        var ran = await shell.RunAsync("eval", "c.json", "--mode", "hybrid", "--keep");

        var lines = ran.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.StartsWith("hybrid           0.500       0.500       0.500", lines[1], StringComparison.Ordinal);
        Assert.Equal(3, api.Memories.Count);
    }

    [Fact]
    public async Task A_service_that_lacks_a_tier_is_not_measured()
    {
        await using var api = await LoopbackApi.StartAsync();
        using var shell = Shell.For(api);
        shell.Write("c.json", File);

        var ran = await shell.RunAsync("eval", "c.json");

        Assert.Equal(2, ran.Code);
        Assert.Contains("without index", ran.Error, StringComparison.Ordinal);
        Assert.Empty(api.Memories);
    }

    [Theory]
    [InlineData("{", "not JSON")]
    [InlineData("[]", "no questions")]
    [InlineData("""[{"sample_id":"c"}]""", "not a conversation")]
    public async Task A_file_that_cannot_be_measured_is_refused(string content, string reason)
    {
        await using var api = await LoopbackApi.StartAsync();
        using var shell = Shell.For(api);
        shell.Write("c.json", content);

        var ran = await shell.RunAsync("eval", "c.json");

        Assert.Equal(2, ran.Code);
        Assert.Contains(reason, ran.Error, StringComparison.Ordinal);
        Assert.Empty(api.Requests);
    }
}
