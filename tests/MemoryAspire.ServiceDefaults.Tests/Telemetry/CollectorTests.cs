using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MemoryAspire.ServiceDefaults.Tests.Telemetry;

public sealed class CollectorTests
{
    [Fact]
    public async Task With_a_collector_traces_metrics_and_logs_go_there_and_probes_are_not_traced()
    {
        var received = new ConcurrentDictionary<string, string>();
        await using var collector = await RunningService.StartAsync(map: app => app.MapPost("/v1/{signal}", async (string signal, HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            received.AddOrUpdate(signal, _ => Encoding.Latin1.GetString(body.ToArray()), (_, before) => before + Encoding.Latin1.GetString(body.ToArray()));
        }));

        var service = await RunningService.StartAsync(
            map: app => app.MapGet("/work", (ILogger<CollectorTests> log) => Log.Worked(log)),
            settings: [("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address.ToString()), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")]);
        using (var client = service.Client())
        {
            await client.GetStringAsync("/work", TestContext.Current.CancellationToken);
            await client.GetStringAsync("/alive", TestContext.Current.CancellationToken);
        }
        await service.DisposeAsync();

        // Only the server's spans carry the path; the client that sent the requests lives in this process, too.
        Assert.Matches(@"url\.path[^/]{1,8}/work", received["traces"]);
        Assert.DoesNotMatch(@"url\.path[^/]{1,8}/alive", received["traces"]);
        Assert.Contains("http.server.request.duration", received["metrics"], StringComparison.Ordinal);
        Assert.Contains("The work was done.", received["logs"], StringComparison.Ordinal);
    }
}

internal static partial class Log
{
    [LoggerMessage(Level = LogLevel.Information, Message = "The work was done.")]
    public static partial void Worked(ILogger logger);
}
