namespace MemoryAspire.Cli.Tests;

public class EraseTests
{
    private const string Done =
        """{"id":"e1","state":"completed","deleted":1,"erased":2,"tiers":{"postgres":{"state":"completed","eventsRedacted":5,"vectorsRemoved":3},"redis":{"state":"completed","valuesRemoved":0},"index":{"state":"completed"}},"remains":{"where":"Old pages.","command":"vacuum"}}""";

    private static readonly string Pending = Done
        .Replace("\"id\":\"e1\",\"state\":\"completed\"", "\"id\":\"e1\",\"state\":\"pending\"", StringComparison.Ordinal)
        .Replace("\"index\":{\"state\":\"completed\"}", "\"index\":{\"state\":\"pending\"}", StringComparison.Ordinal);

    [Fact]
    public async Task An_erasure_is_waited_for_and_summed_up()
    {
        await using var api = await LoopbackApi.StartAsync();
        using var shell = Shell.For(api);
        api.Refuse = (request, _) => request.Method == "DELETE" ? (202, null, Pending) : (200, null, Done);

        var ran = await shell.RunAsync("admin", "erase", "id-1", "--yes");

        Assert.Equal(0, ran.Code);
        Assert.StartsWith("2 memories erased, 1 of them were still there.\npostgres: 5 events redacted, 3 vectors removed.\n", ran.Out, StringComparison.Ordinal);
        Assert.Equal("Erasure e1: index pending.\nOld pages.\nvacuum\n", ran.Error);
        Assert.Equal([("DELETE", "/v1/memories/id-1"), ("GET", "/v1/erasures/e1")], api.Requests.Select(request => (request.Method, request.Path)));
    }

    [Fact]
    public async Task With_json_the_receipt_is_what_the_service_answered()
    {
        await using var api = await LoopbackApi.StartAsync();
        using var shell = Shell.For(api);
        api.Refuse = (_, _) => (200, null, Done);

        var ran = await shell.RunAsync("admin", "erase", "--user", "ada", "--yes", "--json");

        Assert.Equal((0, Done + "\n"), (ran.Code, ran.Out));
        Assert.Equal("/v1/memories", api.Requests.Single().Path);
    }

    [Theory]
    [InlineData("id-1")]
    [InlineData("--yes")]
    [InlineData("id-1", "--user", "ada", "--yes")]
    public async Task Nothing_is_sent_unless_it_is_meant_and_clear_what(params string[] arguments)
    {
        await using var api = await LoopbackApi.StartAsync();
        using var shell = Shell.For(api);

        Assert.Equal(2, (await shell.RunAsync(["admin", "erase", .. arguments])).Code);
        Assert.Empty(api.Requests);
    }
}
