using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using MemoryAspire.TestServices;

namespace MemoryAspire.Crash.Tests;

/// <summary>The API is killed when it has promoted what expired and has not removed the session yet.</summary>
public sealed class SessionCrashTests
{
    [Theory]
    [InlineData("planned")]
    [InlineData("committed")]
    [InlineData("answering")]
    public async Task Killed_while_it_promotes_a_session_the_api_makes_every_memory_once(string step)
    {
        var cancellation = TestContext.Current.CancellationToken;
        KeyValuePair<string, string>[] settings = [new("Sessions__SweepInterval", "00:00:00.2"), new("Sessions__PromotionLease", "00:00:02")];
        await using var services = await ServiceStack.StartAsync(new() { Fsync = false }, settings, cancellation);
        services.Api.Settings["DOTNET_STARTUP_HOOKS"] = Path.Combine(AppContext.BaseDirectory, "MemoryAspire.Crash.Hook.dll");
        services.Api.Settings["CRASH_AT"] = step;
        services.Api.Settings["CRASH_PID"] = "self";
        await services.Api.StartAsync();
        await services.WaitUntilHealthyAsync(cancellation);
        using (var client = services.NewClient())
        {
            var messages = Enumerable.Range(0, 5).Select(at => new { role = "user", content = $"Message {at}.", at = $"2026-03-01T12:00:0{at}Z" });
            var put = await client.PutAsJsonAsync("/v1/sessions/doomed", new { messages, ttlSeconds = 0.2, promoteOnExpiry = new { scope = new { user = "ada" } } }, cancellation);
            Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        }

        await UntilAsync(() => Task.FromResult(!services.Api.IsRunning));
        services.Api.Settings.Remove("CRASH_AT");
        await services.Api.StartAsync();
        await services.WaitUntilHealthyAsync(cancellation);
        using var after = services.NewClient();
        await UntilAsync(async () => await CountAsync(after) == 5);

        // The session is promoted again, finds its memories, and is removed.
        await using var redis = await StackExchange.Redis.ConnectionMultiplexer.ConnectAsync(services.Redis.ConnectionString);
        await UntilAsync(() => Task.FromResult(!redis.GetServers()[0].Keys(pattern: "session*").Any()));
        Assert.Equal(5, await CountAsync(after));
    }

    private static async Task<int> CountAsync(HttpClient client)
    {
        var list = await client.GetFromJsonAsync<JsonElement>("/v1/memories?session=doomed&consistency=strong", TestContext.Current.CancellationToken);
        return list.GetProperty("items").GetArrayLength();
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(begun) > TimeSpan.FromSeconds(60)) throw new TimeoutException("Not true within 60 s.");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
