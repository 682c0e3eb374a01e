using System.Globalization;
using System.IO.Hashing;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using MemoryAspire.TestServices;
using StackExchange.Redis;

namespace MemoryAspire.Reconciliation.Tests;

/// <summary>What reads and searches meet is verified behind the answer: here all of it, by an API of its own.</summary>
[Collection("stack")]
public sealed class ReadRepairTests(Services services)
{
    [Fact]
    public async Task A_wrong_value_that_was_read_and_a_wrong_record_that_was_found_are_repaired_and_counted()
    {
        await using var api = new ServiceProcess("memory-api-2", "MemoryAspire.Api");
        foreach (var (name, value) in services.Stack.Api.Settings) api.Settings[name] = value;
        api.Settings["ReadRepair__Rate"] = "1";
        await api.StartAsync();
        using var client = new HttpClient { BaseAddress = api.Address };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ServiceStack.Key);
        await Services.UntilAsync(async () => (await client.GetAsync("/health", Services.Stop)).IsSuccessStatusCode);

        var cached = await services.CreateAsync("Ada believes in lightning.");
        var json = ((string)(await Redis.HashGetAsync(Services.KeyOf(cached), "j"))!).Replace("lightning", "nothing", StringComparison.Ordinal);
        var digest = XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(json)).ToString("x16", CultureInfo.InvariantCulture);
        await Redis.HashSetAsync(Services.KeyOf(cached), [new("j", json), new("d", digest)]);
        var indexed = await services.CreateAsync("Ada distrusts thunder.");
        await services.DamageIndexAsync(indexed, row => row! with { Record = row.Record with { Digest = 7 } });

        await Services.UntilAsync(async () => (await client.GetStringAsync($"/v1/memories/{cached}", Services.Stop)).Contains("lightning", StringComparison.Ordinal));
        using var found = await client.PostAsJsonAsync("/v1/memories/search", new { query = "thunder", mode = "semantic", scope = new { user = "ada" } }, Services.Stop);
        Assert.True(found.IsSuccessStatusCode);

        await Services.UntilAsync(async () => (await services.InIndexAsync(indexed)).Digest != 7);
        await Services.UntilAsync(async () => await client.GetStringAsync("/metrics", Services.Stop) is var metrics
            && Counts(metrics, "redis_changed") == 1 && Counts(metrics, "index_changed") == 1);
        RunReport.AssertFound(await services.ReconcileAsync(new { deep = true }), 0);
    }

    private IDatabase Redis => services.Redis.GetDatabase();

    private static double Counts(string metrics, string type) => metrics.Split('\n')
        .Where(line => line.StartsWith("memory_consistency_errors_total{", StringComparison.Ordinal) && line.Contains($"error_type=\"{type}\"", StringComparison.Ordinal))
        .Select(line => double.Parse(line.Split('}')[1].Trim().Split(' ')[0], CultureInfo.InvariantCulture))
        .Sum();
}
