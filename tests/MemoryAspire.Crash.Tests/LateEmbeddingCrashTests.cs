using System.Net.Http.Json;
using System.Text.Json;
using MemoryAspire.TestServices;
using MemoryAspire.TestStores;
using Npgsql;

namespace MemoryAspire.Crash.Tests;

/// <summary>The API is killed while it gives a memory the vector that it was stored without.</summary>
public sealed class LateEmbeddingCrashTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("planned")]
    [InlineData("committed")]
    public async Task Killed_while_it_makes_a_vector_the_api_goes_on_until_the_memory_has_it_once(string step)
    {
        await using var provider = EmbeddingServer.Start();
        var settings = provider.Settings
            .Append(new("Embeddings:WhenAway", "Accept")).Append(new("Embeddings:PendingInterval", "00:00:00.2")).Append(new("Embeddings:PendingLease", "00:00:02"))
            .Select(setting => KeyValuePair.Create(setting.Key.Replace(":", "__", StringComparison.Ordinal), setting.Value));
        await using var services = await ServiceStack.StartAsync(new() { Fsync = false }, settings, Cancellation);
        services.Api.Settings["DOTNET_STARTUP_HOOKS"] = Path.Combine(AppContext.BaseDirectory, "MemoryAspire.Crash.Hook.dll");
        services.Api.Settings["CRASH_AT"] = step;
        services.Api.Settings["CRASH_COUNT"] = "2";
        services.Api.Settings["CRASH_PID"] = "self";
        await services.Api.StartAsync();
        await services.WaitUntilHealthyAsync(Cancellation);
        provider.IsAway = true;
        using (var client = services.NewClient())
        {
            using var created = await client.PostAsJsonAsync("/v1/memories", new { content = "tea", scope = new { user = "ada" } }, Cancellation);
            Assert.Contains("index=pending", string.Join(",", created.Headers.GetValues("Memory-Tiers")), StringComparison.Ordinal);
        }

        provider.IsAway = false;
        await UntilAsync(() => Task.FromResult(!services.Api.IsRunning));
        services.Api.Settings.Remove("CRASH_AT");
        await services.Api.StartAsync();
        await services.WaitUntilHealthyAsync(Cancellation);

        await using var source = NpgsqlDataSource.Create(services.Database);
        await UntilAsync(async () => await CountAsync(source, "select count(*) from pending_embeddings") == 0);
        Assert.Equal(2, await CountAsync(source, "select count(*) from memory_events"));
        Assert.Equal(1, await CountAsync(source, "select count(*) from memory_vectors"));
        using var after = services.NewClient();
        using var response = await after.PostAsJsonAsync("/v1/memories/search", new { query = "tea", mode = "semantic", scope = new { user = "ada" }, consistency = "strong" }, Cancellation);
        var found = await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.Equal(2, Assert.Single(found.GetProperty("results").EnumerateArray()).GetProperty("memory").GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task A_model_that_is_not_the_live_one_ends_the_api_and_both_are_named()
    {
        await using var provider = EmbeddingServer.Start();
        await using var services = await ServiceStack.StartAsync(new() { Fsync = false }, [], Cancellation);
        await services.Api.StopAsync();
        foreach (var (name, value) in provider.Settings) services.Api.Settings[name.Replace(":", "__", StringComparison.Ordinal)] = value;

        // It ends before it listens, or soon after.
        var failure = await Record.ExceptionAsync(services.Api.StartAsync);
        await UntilAsync(() => Task.FromResult(!services.Api.IsRunning));

        var said = $"{failure?.Message} {services.Api.Log}";
        Assert.Contains("builtin-glove-100d-v1", said, StringComparison.Ordinal);
        Assert.Contains("ollama:test:4", said, StringComparison.Ordinal);
        Assert.Contains("Configure the live model again", said, StringComparison.Ordinal);
    }

    private static async Task<long> CountAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(begun) > TimeSpan.FromSeconds(60)) throw new TimeoutException("Not true within 60 s.");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancellation);
        }
    }
}
