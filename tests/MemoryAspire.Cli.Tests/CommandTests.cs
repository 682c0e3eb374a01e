using System.Text.Json.Nodes;

namespace MemoryAspire.Cli.Tests;

public class CommandTests
{
    [Fact]
    public async Task A_memory_is_added_read_found_and_deleted()
    {
        await using var api = await LoopbackApi.StartAsync();
        using var shell = Shell.For(api);
        var added = await shell.RunAsync("add", "Ada prefers tea.", "--user", "ada", "--agent", "concierge", "--session", "s1",
            "--kind", "semantic", "--metadata", """{"topic":"drinks","n":1.50}""", "--importance", "0.75");
        Assert.Equal((0, "id-1\n", ""), (added.Code, added.Out, added.Error));
        var sent = """{"content":"Ada prefers tea.","scope":{"user":"ada","agent":"concierge","session":"s1"},"kind":"semantic","metadata":{"topic":"drinks","n":1.50},"importance":0.75}""";
        Assert.Equal(sent, api.Requests.Single().Body!.ToJsonString());
        Assert.NotNull(api.Requests.Single().Key);

        var read = await shell.RunAsync("get", "id-1");
        Assert.Equal(0, read.Code);
        Assert.StartsWith("Ada prefers tea.\n  scope: user=ada  agent=concierge", read.Out, StringComparison.Ordinal);

        var found = await shell.RunAsync("search", "tea", "-u", "ada", "-k", "3", "--mode", "semantic", "--min-score", "0.1");
        Assert.Equal("0.831  Ada prefers tea.\n       id-1  user=ada  agent=concierge  session=s1\n", found.Out);
        Assert.Equal("Note: answered without index.\n", found.Error);
        Assert.Equal("""{"query":"tea","k":3,"mode":"semantic","minScore":0.1,"scope":{"user":"ada"}}""", api.Requests.Last().Body!.ToJsonString());

        Assert.Equal((0, "Deleted id-1.\n"), (await shell.RunAsync("delete", "id-1")) is var deleted ? (deleted.Code, deleted.Out) : default);
        Assert.Empty(api.Memories);
        Assert.Equal("Nothing found.", (await shell.RunAsync("search", "tea")).Error.Split('\n')[1]);
    }

    [Fact]
    public async Task With_json_the_output_is_what_the_service_answered()
    {
        await using var api = await LoopbackApi.StartAsync();
        using var shell = Shell.For(api);
        Assert.Equal("id-1", (string?)(await shell.RunAsync("--json", "add", "Grüße 🎉")).Json["memory"]!["id"]);
        Assert.Equal("Grüße 🎉", (string?)(await shell.RunAsync("get", "id-1", "--json")).Json["content"]);
        Assert.Equal("hybrid", (string?)(await shell.RunAsync("search", "Grüße", "--json")).Json["mode"]);
        Assert.Equal("id-1", (string?)(await shell.RunAsync("delete", "id-1", "--json")).Json["deleted"]);
        var failed = await shell.RunAsync("get", "id-1", "--json");
        Assert.Equal((1, "", 404), (failed.Code, failed.Out, (int?)JsonNode.Parse(failed.Error)!["status"]));
    }

    [Fact]
    public async Task A_refusal_is_explained_with_its_fields()
    {
        await using var api = await LoopbackApi.StartAsync();
        using var shell = Shell.For(api);
        api.Refuse = (_, _) => (400, null, """{"title":"The memory is not valid.","status":400,"detail":"See below: is empty","errors":{"content":["is too long","is empty"],"importance":["is odd","is bad"]}}""");
        var ran = await shell.RunAsync("add", "x");
        Assert.Equal((1, ""), (ran.Code, ran.Out));
        Assert.Equal("400: The memory is not valid.\nSee below: is empty\n  content: is too long\n  importance: is odd\n  importance: is bad\n", ran.Error);
    }

    [Fact]
    public async Task An_unknown_id_and_a_wrong_key_are_refusals()
    {
        await using var api = await LoopbackApi.StartAsync();
        using var shell = Shell.For(api);
        Assert.Equal((1, "404: There is no such memory.\nIt may have been deleted.\n"), await shell.RunAsync("get", "a/b?c") is var missing ? (missing.Code, missing.Error) : default);
        Assert.Equal("/v1/memories/a%2Fb%3Fc", api.Requests.Single().Path);
        Assert.Equal((1, "401: The key is not known.\n"), await shell.RunAsync("get", "x", "--key", "wrong") is var wrong ? (wrong.Code, wrong.Error) : default);
    }

    [Fact]
    public async Task A_write_that_the_service_puts_off_is_repeated_with_the_same_key()
    {
        await using var api = await LoopbackApi.StartAsync();
        using var shell = Shell.For(api);
        api.Refuse = (_, tries) => tries == 1 ? (503, "0", """{"title":"Not now.","outcome":"unknown"}""") : null;
        Assert.Equal(0, (await shell.RunAsync("add", "x")).Code);
        Assert.Single(api.Memories);
        Assert.Single(api.Requests.Select(request => request.Key).Distinct());
        Assert.Equal(2, api.Requests.Count);
    }

    [Fact]
    public async Task Repetition_has_an_end_and_the_outcome_is_told()
    {
        await using var api = await LoopbackApi.StartAsync();
        using var shell = Shell.For(api);
        api.Refuse = (_, _) => (503, "0", """{"title":"Not now.","outcome":"notStored"}""");
        var ran = await shell.RunAsync("add", "x");
        Assert.Equal((1, "503: Not now.\noutcome: notStored\n"), (ran.Code, ran.Error));
        Assert.Equal(3, api.Requests.Count);
    }

    [Fact]
    public async Task Nobody_listening_is_told_apart_from_a_refusal()
    {
        var api = await LoopbackApi.StartAsync();
        using var shell = Shell.For(api);
        await api.DisposeAsync();
        var ran = await shell.RunAsync("get", "x");
        Assert.Equal(3, ran.Code);
        Assert.Contains("does not answer", ran.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("frobnicate")]
    [InlineData("add")]
    [InlineData("get", "a", "b")]
    [InlineData("add", "x", "--kind", "other")]
    [InlineData("add", "x", "--metadata", "[1]")]
    [InlineData("add", "x", "--metadata", "{")]
    [InlineData("add", "x", "--importance", "much")]
    [InlineData("search", "x", "-k", "many")]
    [InlineData("import", "file", "--concurrency", "0")]
    [InlineData("get", "x", "--url", "ftp://host")]
    [InlineData("get", "x", "--key", "a b")]
    [InlineData("import", "no-such-file.ndjson")]
    public async Task A_wrong_command_line_is_said_before_anything_is_sent(params string[] args)
    {
        await using var api = await LoopbackApi.StartAsync();
        using var shell = Shell.For(api);
        var ran = await shell.RunAsync(args);
        Assert.Equal(2, ran.Code);
        Assert.NotEmpty(ran.Error);
        Assert.Empty(api.Requests);
    }

    [Fact]
    public async Task Help_is_not_an_error()
    {
        using var shell = new Shell();
        var ran = await shell.RunAsync("import", "--help");
        Assert.Equal(0, ran.Code);
        Assert.Contains("LoCoMo", ran.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stored_text_does_not_drive_the_terminal()
    {
        await using var api = await LoopbackApi.StartAsync();
        using var shell = Shell.For(api);
        await shell.RunAsync("add", "a\u001b[2Jb\nc\u009bd");
        Assert.StartsWith("a\uFFFD[2Jb\nc\uFFFDd\n", (await shell.RunAsync("get", "id-1")).Out, StringComparison.Ordinal);
        Assert.StartsWith("0.831  a\uFFFD[2Jb c\uFFFDd\n", (await shell.RunAsync("search", "a")).Out, StringComparison.Ordinal);
    }
}
