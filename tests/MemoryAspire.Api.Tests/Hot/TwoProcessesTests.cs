using System.Net;
using System.Net.Http.Headers;
using MemoryAspire.Api.Caching.Hot;

namespace MemoryAspire.Api.Tests.Hot;

/// <summary>Two processes' worth of the API: what one writes, the other one holds no longer.</summary>
public sealed class TwoProcessesTests(Stack stack)
{
    [Fact]
    public async Task A_memory_that_is_read_with_its_token_comes_from_this_process_and_without_one_from_redis()
    {
        var created = await stack.Client.CreateAsync(new { content = "Hot.", scope = new { user = "hot-ada" } });
        var path = $"/v1/memories/{created.Id()}";

        var hot = await HeatAsync(stack.Client, path, created.Token);
        var redis = await stack.Client.ReadAsync(path, null);
        var postgres = await stack.Client.ReadAsync($"{path}?consistency=strong", created.Token);

        Assert.Equal("\"1\"", hot.Header("ETag"));
        Assert.Equal(("redis", "postgres"), (redis.Header("Memory-Source"), postgres.Header("Memory-Source")));
        Assert.Equal(redis.Body.GetRawText(), hot.Body.GetRawText());
        Assert.Equal(created.Token, hot.Token);
    }

    [Fact]
    public async Task An_own_write_is_seen_at_once_by_readers_without_a_token()
    {
        var created = await stack.Client.CreateAsync(new { content = "Before.", scope = new { user = "hot-bob" } });
        var path = $"/v1/memories/{created.Id()}";
        for (var version = 2; version < 8; version++)
        {
            await Until.TrueAsync(async () => (await stack.Client.ReadAsync($"{path}?consistency=eventual", null)).Header("Memory-Source") == "memory");
            await stack.Client.CallAsync(HttpMethod.Patch, path, new { content = $"After {version}." });
            Assert.Equal($"\"{version}\"", (await stack.Client.ReadAsync($"{path}?consistency=eventual", null)).Header("ETag"));
        }
    }

    [Fact]
    public async Task Another_processs_write_is_seen_with_its_token_at_once_and_without_one_within_a_second()
    {
        await using var api = await stack.StartApiAsync();
        using var other = new HttpClient { BaseAddress = api.ClientOptions.BaseAddress };
        other.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Stack.Key);
        var created = await other.CreateAsync(new { content = "Before.", scope = new { user = "hot-carl" } });
        var path = $"/v1/memories/{created.Id()}";
        var token = created.Token;
        for (var version = 2; version < 6; version++)
        {
            await HeatAsync(stack.Client, path, token);
            var updated = await other.CallAsync(HttpMethod.Patch, path, new { content = $"After {version}." });
            token = updated.Token;
            var answered = TimeProvider.System.GetTimestamp();
            Assert.Equal($"\"{version}\"", (await stack.Client.ReadAsync(path, token)).Header("ETag"));

            // However slow this machine is: what is asked for a second after the answer has the write.
            bool isLate;
            string seen;
            do
            {
                isLate = TimeProvider.System.GetElapsedTime(answered) >= HotMemories.HeartbeatMax;
                seen = (await stack.Client.ReadAsync($"{path}?consistency=eventual", null)).Header("ETag");
            }
            while (seen != $"\"{version}\"" && !isLate);
            Assert.Equal($"\"{version}\"", seen);
        }

        await HeatAsync(stack.Client, path, token);
        var deleted = await other.CallAsync(HttpMethod.Delete, path);
        Assert.Equal(HttpStatusCode.NotFound, (await stack.Client.ReadAsync(path, deleted.Token)).Status);
        await Until.TrueAsync(async () => (await stack.Client.ReadAsync($"{path}?consistency=eventual", null)).Status == HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Another_tiers_absence_does_not_make_this_process_trust_itself()
    {
        await using var own = new Stack();
        await own.InitializeAsync();
        var created = await own.Client.CreateAsync(new { content = "Hot.", scope = new { user = "ada" } });
        var path = $"/v1/memories/{created.Id()}";
        await HeatAsync(own.Client, path, created.Token);

        await own.Postgres.KillAsync();

        // Without the log nobody knows what has changed: Redis answers, and it knows of intents.
        await Until.TrueAsync(async () => (await own.Client.ReadAsync($"{path}?consistency=eventual", null)).Header("Memory-Source") == "redis");
        Assert.Equal("redis", (await own.Client.ReadAsync(path, created.Token)).Header("Memory-Source"));
    }

    /// <summary>Reads until this process holds it and answers.</summary>
    private static async Task<Answer> HeatAsync(HttpClient client, string path, string token)
    {
        Answer answer = null!;
        await Until.TrueAsync(async () => (answer = await client.ReadAsync(path, token)).Header("Memory-Source") == "memory");
        return answer;
    }
}
