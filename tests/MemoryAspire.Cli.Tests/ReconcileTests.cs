namespace MemoryAspire.Cli.Tests;

public class ReconcileTests
{
    private const string Id = "0198c0de-0000-7000-8000-000000000001";

    [Fact]
    public async Task A_comparison_is_watched_to_its_end_and_summed_up()
    {
        await using var api = await LoopbackApi.StartAsync();
        using var shell = Shell.For(api);
        api.Refuse = (request, tries) => request.Method == "POST"
            ? (202, null, $$"""{"id":"{{Id}}"}""")
            : (200, null, tries < 3 ? Run("running", "index", 1, 0) : Run("completed", null, 1, 1));

        var ran = await shell.RunAsync("admin", "reconcile", "--deep");

        Assert.Equal(0, ran.Code);
        Assert.Equal("1000 compared in 1.5 s, 20480 bytes moved.\n  index: 1 missing\n1 repaired, 0 cannot be repaired.\n", ran.Out);
        Assert.Contains("reconcile: index", ran.Error, StringComparison.Ordinal);
        Assert.Equal("""{"repair":"logWins","deep":true}""", api.Requests.First().Body!.ToJsonString());
    }

    [Fact]
    public async Task A_check_changes_nothing_and_says_by_its_code_that_tiers_differ()
    {
        await using var api = await LoopbackApi.StartAsync();
        using var shell = Shell.For(api);
        api.Refuse = (request, _) => request.Method == "POST" ? (202, null, $$"""{"id":"{{Id}}"}""") : (200, null, Run("completed", null, 1, 0));

        var ran = await shell.RunAsync("admin", "check", "--json");

        Assert.Equal(1, ran.Code);
        Assert.Equal("completed", (string?)ran.Json["state"]);
        Assert.Equal("""{"repair":"none","deep":false}""", api.Requests.First().Body!.ToJsonString());
    }

    [Fact]
    public async Task Rows_are_accepted_when_asked_for()
    {
        await using var api = await LoopbackApi.StartAsync();
        using var shell = Shell.For(api);
        api.Refuse = (request, _) => request.Method == "POST" ? (202, null, $$"""{"id":"{{Id}}"}""") : (200, null, Run("failed", null, 0, 0));

        Assert.Equal(1, (await shell.RunAsync("admin", "reconcile", "--accept-rows")).Code);
        Assert.Equal("""{"repair":"acceptRow","deep":false}""", api.Requests.First().Body!.ToJsonString());
    }

    [Fact]
    public async Task Who_stops_watching_stops_the_comparison()
    {
        await using var api = await LoopbackApi.StartAsync();
        using var shell = Shell.For(api);
        using var stopping = new CancellationTokenSource();
        api.Refuse = (request, tries) =>
        {
            if (request.Method == "GET" && tries == 2) stopping.Cancel();
            return request.Method == "POST" ? (202, null, $$"""{"id":"{{Id}}"}""") : (200, null, Run("running", "redis", 0, 0));
        };

        Assert.Equal(130, (await shell.RunAsync(stopping.Token, "admin", "reconcile")).Code);
        Assert.Equal(("DELETE", $"/v1/admin/reconciliations/{Id}"), api.Requests.Last() is var last ? (last.Method, last.Path) : default);
    }

    private static string Run(string state, string? step, int found, int repaired) =>
        $$"""
        {"id":"{{Id}}","state":"{{state}}","progress":0.4,"step":{{(step is null ? "null" : $"\"{step}\"")}},"compared":1000,"durationSeconds":1.5,"bytesMoved":20480,
        "differences":[{{(found == 0 ? "" : $$"""{"tier":"index","kind":"missing","count":{{found}}}""")}}],"repaired":{{repaired}},"unrepairable":0,"uncompared":0,"error":null}
        """;
}
