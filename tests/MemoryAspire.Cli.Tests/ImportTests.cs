namespace MemoryAspire.Cli.Tests;

public class ImportTests
{
    [Fact]
    public async Task Every_line_is_stored_once_however_often_the_file_is_imported()
    {
        await using var api = await LoopbackApi.StartAsync();
        using var shell = Shell.For(api);
        shell.Write("m.ndjson", string.Concat(Enumerable.Range(0, 300).Select(i => $$"""{"content":"memory {{i % 250}}"}""" + "\n")));
        var first = await shell.RunAsync("import", "m.ndjson");
        Assert.Equal((0, "300 stored, 0 were there, 0 failed.\n"), (first.Code, first.Out));
        Assert.StartsWith("m.ndjson: 30 of 300\nm.ndjson: 60 of 300\n", first.Error, StringComparison.Ordinal);
        Assert.EndsWith("m.ndjson: 300 of 300\n", first.Error, StringComparison.Ordinal);
        Assert.Equal(300, api.Memories.Count);
        var second = await shell.RunAsync("import", "m.ndjson", "--json");
        Assert.Equal("""{"items":300,"created":0,"present":300,"failed":0,"notTried":0,"failures":[]}""", second.Json.ToJsonString());
        Assert.Equal(300, api.Memories.Count);
    }

    [Fact]
    public async Task What_fails_is_named_and_the_rest_is_stored()
    {
        await using var api = await LoopbackApi.StartAsync();
        using var shell = Shell.For(api);
        shell.Write("m.ndjson", """
            {"content":"a"}
            {"contnet":"b"}
            not json

            {"content":"c"}
            """);
        var ran = await shell.RunAsync("import", "m.ndjson");
        Assert.Equal((1, "2 stored, 0 were there, 2 failed.\n"), (ran.Code, ran.Out));
        Assert.Contains("line 2: 400: The memory is not valid.\n  content: is required\n", ran.Error, StringComparison.Ordinal);
        Assert.Contains("line 3: not JSON", ran.Error, StringComparison.Ordinal);
        var json = (await shell.RunAsync("import", "m.ndjson", "--json")).Json;
        Assert.Equal(("line 2", 400), ((string?)json["failures"]![0]!["at"], (int?)json["failures"]![0]!["status"]));
        Assert.Equal(("line 3", null), ((string?)json["failures"]![1]!["at"], (int?)json["failures"]![1]!["status"]));
    }

    [Fact]
    public async Task A_service_that_is_busy_now_and_then_gets_everything_in_the_end()
    {
        await using var api = await LoopbackApi.StartAsync();
        using var shell = Shell.For(api);
        api.Refuse = (request, tries) => tries <= 2 && request.Key!.GetHashCode(StringComparison.Ordinal) % 3 == 0
            ? (tries == 1 ? 429 : 503, "0", """{"title":"Busy."}""")
            : null;
        shell.Write("m.ndjson", string.Concat(Enumerable.Range(0, 100).Select(i => $$"""{"content":"memory {{i}}"}""" + "\n")));
        Assert.Equal(0, (await shell.RunAsync("import", "m.ndjson")).Code);
        Assert.Equal(100, api.Memories.Count);
    }

    [Fact]
    public async Task A_wrong_key_ends_the_import_at_once()
    {
        await using var api = await LoopbackApi.StartAsync();
        using var shell = Shell.For(api);
        shell.Write("m.ndjson", string.Concat(Enumerable.Repeat("""{"content":"x"}""" + "\n", 1000)));
        var ran = await shell.RunAsync("import", "m.ndjson", "--key", "wrong", "--concurrency", "4");
        Assert.Equal((1, "0 stored, 0 were there, 0 failed, 1000 not tried.\n"), (ran.Code, ran.Out));
        Assert.EndsWith("401: The key is not known.\n", ran.Error, StringComparison.Ordinal);
        Assert.InRange(api.Requests.Count, 1, 20);
    }

    [Fact]
    public async Task A_cancelled_import_says_how_far_it_came()
    {
        await using var api = await LoopbackApi.StartAsync();
        using var shell = Shell.For(api);
        using var cancellation = new CancellationTokenSource();
        api.Refuse = (_, _) =>
        {
            if (api.Memories.Count == 10) cancellation.Cancel();
            return null;
        };
        shell.Write("m.ndjson", string.Concat(Enumerable.Range(0, 1000).Select(i => $$"""{"content":"memory {{i}}"}""" + "\n")));
        var ran = await shell.RunAsync(cancellation.Token, "import", "m.ndjson", "--concurrency", "1");
        Assert.Equal(130, ran.Code);
        Assert.Contains("not tried", ran.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_conversation_is_imported()
    {
        await using var api = await LoopbackApi.StartAsync();
        using var shell = Shell.For(api);
        shell.Write("c.json", """[{"sample_id":"conv-1","conversation":{"session_1":[{"speaker":"Ada","dia_id":"D1:1","text":"Hello."}]}}]""");
        Assert.Equal("1 stored, 0 were there, 0 failed.\n", (await shell.RunAsync("import", "c.json")).Out);
        var memory = Assert.Single(api.Memories.Values);
        Assert.Equal(("Ada: Hello.", "conv-1"), ((string?)memory["content"], (string?)memory["scope"]!["user"]));
    }
}
