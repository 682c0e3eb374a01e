namespace MemoryAspire.Cli.Tests;

public class RebuildTests
{
    private const string Clean =
        """{"partitions":256,"eventsRead":1234,"memoriesCompared":1000,"rowsRemoved":1,"rowsAdded":2,"rowsReplaced":3,"incompleteLogs":[],"redis":"applied"}""";

    [Fact]
    public async Task A_rebuild_is_summed_up()
    {
        await using var api = await LoopbackApi.StartAsync();
        using var shell = Shell.For(api);
        api.Refuse = (_, _) => (200, null, Clean);

        var ran = await shell.RunAsync("admin", "rebuild");

        Assert.Equal((0, ""), (ran.Code, ran.Error));
        Assert.Equal("1000 memories compared with 1234 events in 256 partitions.\n1 rows removed, 2 added, 3 replaced.\n", ran.Out);
        Assert.Equal(("POST", "/v1/admin/memories/rebuild"), (api.Requests.Single().Method, api.Requests.Single().Path));
    }

    [Fact]
    public async Task With_json_the_report_is_what_the_service_answered()
    {
        await using var api = await LoopbackApi.StartAsync();
        using var shell = Shell.For(api);
        api.Refuse = (_, _) => (200, null, Clean);

        Assert.Equal((0, Clean + "\n", ""), await shell.RunAsync("admin", "rebuild", "--json") is var ran ? (ran.Code, ran.Out, ran.Error) : default);
    }

    [Fact]
    public async Task What_could_not_be_repaired_is_said()
    {
        await using var api = await LoopbackApi.StartAsync();
        using var shell = Shell.For(api);
        api.Refuse = (_, _) => (200, null, Clean.Replace("[]", "[7,12]", StringComparison.Ordinal).Replace("applied", "pending", StringComparison.Ordinal));

        var ran = await shell.RunAsync("admin", "rebuild");

        Assert.Equal(1, ran.Code);
        Assert.Equal(
            ["The log of partition 7 is not whole", "The log of partition 12 is not whole", "Redis could not be reached"],
            ran.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(':')[0]));
    }

    [Fact]
    public async Task A_rebuild_that_broke_off_is_repeated()
    {
        await using var api = await LoopbackApi.StartAsync();
        using var shell = Shell.For(api);
        api.Refuse = (_, tries) => tries == 1 ? (503, "0", """{"title":"PostgreSQL went away."}""") : (200, null, Clean);

        Assert.Equal(0, (await shell.RunAsync("admin", "rebuild")).Code);
        Assert.Equal(2, api.Requests.Count);
    }

    [Fact]
    public async Task A_key_that_may_not_is_refused()
    {
        await using var api = await LoopbackApi.StartAsync();
        using var shell = Shell.For(api);
        api.Refuse = (_, _) => (403, null, """{"title":"Forbidden","status":403}""");

        Assert.Equal((1, "403: Forbidden\n"), await shell.RunAsync("admin", "rebuild") is var ran ? (ran.Code, ran.Error) : default);
        Assert.Equal(2, (await shell.RunAsync("admin")).Code);
    }
}
