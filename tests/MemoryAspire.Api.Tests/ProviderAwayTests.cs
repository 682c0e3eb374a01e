using System.Net;
using MemoryAspire.TestStores;

namespace MemoryAspire.Api.Tests;

/// <summary>Each test has a stack of its own, whose provider of embeddings can be away.</summary>
public sealed class ProviderAwayTests
{
    [Fact]
    public async Task While_the_provider_is_away_texts_are_refused_and_given_vectors_are_stored()
    {
        await using var provider = EmbeddingServer.Start();
        await using var stack = await StartAsync(provider);
        var scope = new { user = "ada" };

        provider.IsAway = true;
        var refused = await stack.Client.CreateAsync(new { content = "tea", scope });
        var atomic = await stack.Client.CallAsync(HttpMethod.Post, "/v1/memories/batch", new { memories = new object[] { new { content = "x", scope }, new { content = "y", scope } }, atomic = true });
        var given = await stack.Client.CreateAsync(new { content = "given", scope, embedding = new[] { 1, 0, 0, 0 } });
        provider.IsAway = false;
        await Until.TrueAsync(async () => (await stack.Client.CreateAsync(new { content = "tea", scope })).Status == HttpStatusCode.Created);

        Assert.All([refused, atomic], answer => Assert.Equal((HttpStatusCode.ServiceUnavailable, "notStored"), (answer.Status, answer.Body.GetProperty("outcome").GetString())));
        Assert.NotNull(refused.Raw.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.Created, given.Status);
        var list = await stack.Client.ReadAsync("/v1/memories?user=ada&consistency=strong", null);
        Assert.Equal(["given", "tea"], list.Body.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("content").GetString()).Order());
    }

    [Fact]
    public async Task A_batch_of_a_hundred_costs_a_few_requests_and_an_equal_one_none()
    {
        await using var provider = EmbeddingServer.Start();
        await using var stack = await StartAsync(provider);
        var before = provider.Requests;
        var memories = Enumerable.Range(0, 100).Select(at => new { content = $"memory {new string('x', at)}", scope = new { user = "ada" } }).ToArray();

        var first = await stack.Client.CallAsync(HttpMethod.Post, "/v1/memories/batch", new { memories });
        var cost = provider.Requests - before;
        var again = await stack.Client.CallAsync(HttpMethod.Post, "/v1/memories/batch", new { memories });

        Assert.All([first, again], answer => Assert.All(answer.Body.GetProperty("items").EnumerateArray(), item => Assert.Equal(201, item.GetProperty("status").GetInt32())));
        Assert.InRange(cost, 1, 2);
        Assert.Equal(cost, provider.Requests - before);
    }

    [Fact]
    public async Task Where_it_is_configured_texts_are_stored_and_get_their_vectors_when_the_provider_is_back()
    {
        await using var provider = EmbeddingServer.Start();
        await using var stack = await StartAsync(provider, ("Embeddings:WhenAway", "Accept"), ("Embeddings:PendingInterval", "00:00:00.2"), ("Embeddings:PendingLease", "00:00:01"));
        var scope = new { user = "ada" };
        var known = await stack.Client.CreateAsync(new { content = "aaaa", scope });

        provider.IsAway = true;
        var created = await stack.Client.CreateAsync(new { content = "bbbb", scope });
        var directionless = await stack.Client.CreateAsync(new { content = "!!!", scope });
        var updated = await stack.Client.CallAsync(HttpMethod.Patch, $"/v1/memories/{known.Id()}", new { content = "cccc" });
        var without = await stack.Client.ReadAsync($"/v1/memories/{known.Id()}?include=embedding&consistency=strong", null);
        var doomed = await stack.Client.CreateAsync(new { content = "dddd", scope });
        await stack.Client.CallAsync(HttpMethod.Delete, $"/v1/memories/{doomed.Id()}");

        Assert.Equal((HttpStatusCode.Created, "postgres=applied, redis=applied, index=pending"), (created.Status, created.Header("Memory-Tiers")));
        Assert.Equal("pending", updated.Body.GetProperty("tiers").GetProperty("index").GetString());
        Assert.False(without.Body.TryGetProperty("embedding", out var stale) && stale.ValueKind == System.Text.Json.JsonValueKind.Array);

        provider.IsAway = false;
        await Until.TrueAsync(async () => await PendingAsync(stack) == 0);

        foreach (var (id, version, vector) in new[] { (created.Id(), 2, new[] { 0f, 0, 1, 0 }), (known.Id(), 3, [0, 0, 0, 1f]), (directionless.Id(), 1, []) })
        {
            var memory = (await stack.Client.ReadAsync($"/v1/memories/{id}?include=embedding&consistency=strong", null)).Body;
            Assert.Equal(version, memory.GetProperty("version").GetInt32());
            Assert.Equal(vector, memory.TryGetProperty("embedding", out var values) && values.ValueKind == System.Text.Json.JsonValueKind.Array ? [.. values.EnumerateArray().Select(value => value.GetSingle())] : (float[])[]);
        }

        var found = await stack.Client.SearchAsync(new { query = "bbbb", mode = "semantic", k = 1, scope, consistency = "strong" });
        Assert.Equal(["bbbb"], found.Contents());
        var history = await stack.Client.ReadAsync($"/v1/memories/{created.Id()}/history", null);
        Assert.Equal("embedding", history.Body.GetProperty("items")[1].GetProperty("actor").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await stack.Client.ReadAsync($"/v1/memories/{doomed.Id()}?consistency=strong", null)).Status);
    }

    [Fact]
    public async Task Erasing_a_memory_erases_the_cached_vectors_of_its_texts_and_its_dedupe_key()
    {
        await using var provider = EmbeddingServer.Start();
        await using var stack = await StartAsync(provider);
        await using var redis = await StackExchange.Redis.ConnectionMultiplexer.ConnectAsync(stack.Redis.ConnectionString);
        bool IsCached(string text) => redis.GetDatabase().KeyExists(Contracts.Embeddings.EmbeddingKeys.Of("ollama:test:4", text));
        var memory = new { content = "secret", scope = new { user = "ada" }, dedupe = "exact" };
        var created = await stack.Client.CreateAsync(memory);
        await stack.Client.CallAsync(HttpMethod.Patch, $"/v1/memories/{created.Id()}", new { content = "other" });
        await stack.Client.CreateAsync(new { content = "kept", scope = new { user = "ada" } });
        await Until.TrueAsync(() => Task.FromResult(IsCached("secret") && IsCached("other") && IsCached("kept")));
        var before = provider.Requests;

        var erased = await stack.Client.CallAsync(HttpMethod.Delete, $"/v1/memories/{created.Id()}?erase=true");

        Assert.True(erased.Status is HttpStatusCode.OK or HttpStatusCode.Accepted, $"{erased.Status}");
        Assert.Equal((false, false, true), (IsCached("secret"), IsCached("other"), IsCached("kept")));
        await using var source = Npgsql.NpgsqlDataSource.Create(stack.Database);
        await using var command = source.CreateCommand("select count(*) from dedupe_keys");
        Assert.Equal(0L, await command.ExecuteScalarAsync(TestContext.Current.CancellationToken));

        // The process has let go of its own copy, too.
        await Until.TrueAsync(async () =>
        {
            await stack.Client.SearchAsync(new { query = "secret", mode = "semantic", scope = new { user = "ada" } });
            return provider.Requests > before;
        });
    }

    private static async Task<long> PendingAsync(Stack stack)
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(stack.Database);
        await using var command = source.CreateCommand("select count(*) from pending_embeddings");
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    private static async Task<Stack> StartAsync(EmbeddingServer provider, params (string Name, string Value)[] settings)
    {
        var stack = new Stack();
        foreach (var (name, value) in provider.Settings.Select(setting => (setting.Key, setting.Value)).Concat(settings)) stack.Settings[name] = value;
        await stack.InitializeAsync();
        return stack;
    }
}
