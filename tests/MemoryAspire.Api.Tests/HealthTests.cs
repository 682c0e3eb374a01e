using System.Net;
using System.Text.Json;

namespace MemoryAspire.Api.Tests;

public sealed class HealthTests
{
    [Fact]
    public async Task A_lost_tier_degrades_and_only_without_PostgreSQL_and_Redis_requests_should_go_elsewhere()
    {
        await using var stack = new Stack();
        await stack.InitializeAsync();
        var well = await HealthAsync(stack);
        Assert.Equal(["consistency", "index", "postgres", "redis"], Entries(well).Where(name => name != "host"));
        Assert.Equal(0, well.Body.GetProperty("entries").GetProperty("index").GetProperty("data").GetProperty("vectors").GetInt32());

        await stack.StopIndexAsync();
        await IsAsync(stack, HttpStatusCode.OK, "Degraded", "index");
        stack.StartIndex();

        await stack.Postgres.KillAsync();
        await IsAsync(stack, HttpStatusCode.OK, "Degraded", "postgres");
        await stack.Redis.KillAsync();
        await IsAsync(stack, HttpStatusCode.ServiceUnavailable, "Unhealthy", "postgres");
        await stack.Redis.RestartAsync();
        await IsAsync(stack, HttpStatusCode.OK, "Degraded", "postgres");
        await stack.Postgres.RestartAsync();
        await Until.TrueAsync(async () => (await HealthAsync(stack)).Body.GetProperty("status").GetString() == "Healthy");
    }

    private static Task<Answer> HealthAsync(Stack stack) => stack.Client.ReadAsync("/health", null);

    private static Task IsAsync(Stack stack, HttpStatusCode code, string status, string entry) => Until.TrueAsync(async () =>
    {
        var health = await HealthAsync(stack);
        return health.Status == code
            && health.Body.GetProperty("status").GetString() == status
            && health.Body.GetProperty("entries").GetProperty(entry).GetProperty("status").GetString() == status;
    });

    private static IEnumerable<string> Entries(Answer health) =>
        health.Body.GetProperty("entries").EnumerateObject().Select((JsonProperty entry) => entry.Name).Order(StringComparer.Ordinal);
}
