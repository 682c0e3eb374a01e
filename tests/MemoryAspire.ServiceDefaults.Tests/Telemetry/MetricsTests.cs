using System.Diagnostics.Metrics;
using MemoryAspire.ServiceDefaults.Resilience;
using Microsoft.Extensions.DependencyInjection;

namespace MemoryAspire.ServiceDefaults.Tests.Telemetry;

public sealed class MetricsTests
{
    [Fact]
    public async Task Metrics_are_Prometheus_text_with_our_meters_the_servers_and_the_runtimes()
    {
        await using var service = await RunningService.StartAsync();
        using var meter = service.Services.GetRequiredService<IMeterFactory>().Create("MemoryAspire.Tests");
        var latency = meter.CreateHistogram<double>("memory.sync.latency", unit: "s");
        var errors = meter.CreateCounter<long>("memory.consistency.errors");
        latency.Record(0.0003);
        errors.Add(3, new KeyValuePair<string, object?>("error_type", "orphan"));

        using var client = service.Client();
        await client.GetStringAsync("/health", TestContext.Current.CancellationToken);
        using var answer = await client.GetAsync("/metrics", TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Equal("text/plain", answer.Content.Headers.ContentType?.MediaType);
        Assert.Matches("""memory_consistency_errors_total\{[^}]*error_type="orphan"[^}]*\} 3""", text);
        Assert.Matches("""memory_sync_latency_seconds_bucket\{[^}]*le="0.0005"[^}]*\} 1""", text);
        Assert.Contains("http_server_request_duration_seconds", text, StringComparison.Ordinal);
        Assert.Contains("kestrel_active_connections", text, StringComparison.Ordinal);
        Assert.Contains("dotnet_gc_collections", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_state_of_every_breaker_is_a_metric()
    {
        await using var service = await RunningService.StartAsync();
        service.Services.GetRequiredService<StorePipelines>();

        using var client = service.Client();
        var text = await client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);

        foreach (var pipeline in (string[])["PostgresRead", "PostgresWrite", "Redis", "Index", "IndexApply"])
        {
            Assert.Matches($$"""memory_breaker_state\{[^}]*pipeline="{{pipeline}}"[^}]*\} 0""", text);
        }
    }
}
