using MemoryAspire.ServiceDefaults.Health;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace MemoryAspire.ServiceDefaults.Telemetry;

/// <summary>
/// Traces, metrics and logs by OpenTelemetry: to a collector when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names one, and the
/// metrics to Prometheus always. What is emitted is listed in docs/telemetry.md.
/// </summary>
internal static class TelemetryExtensions
{
    /// <summary>Our own meters and activity sources are named after their project.</summary>
    private const string Ours = "MemoryAspire.*";
    private const string RedisDriver = "StackExchange.Redis";
    private const string MetricsPath = "/metrics";

    /// <summary>From a statement in memory to a write that waited for a store to come back.</summary>
    private static readonly double[] SecondsBoundaries =
        [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        var telemetry = builder.Services.AddOpenTelemetry();
        telemetry.WithMetrics(AddMetrics);

        // Spans and log records that nobody collects would be made, filled and thrown away, several for every request.
        if (string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"])) return;
        telemetry.WithTracing(tracing => AddTraces(tracing, builder.Environment.ApplicationName));
        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
        });
        telemetry.UseOtlpExporter();
    }

    private static void AddMetrics(MeterProviderBuilder metrics) => metrics
        .AddAspNetCoreInstrumentation()
        .AddHttpClientInstrumentation()
        .AddRuntimeInstrumentation()
        .AddNpgsqlInstrumentation()
        .AddMeter(Ours, RedisDriver, "Polly", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http")
        .AddView(SecondsView)
        .AddPrometheusExporter();

    private static void AddTraces(TracerProviderBuilder tracing, string applicationName) => tracing
        .AddAspNetCoreInstrumentation(options => options.Filter = IsWorthTracing)
        .AddHttpClientInstrumentation()
        .AddNpgsql()
        .AddSource(applicationName, Ours, RedisDriver);

    /// <summary>The stores answer in less than the 5 ms where the default boundaries begin.</summary>
    private static ExplicitBucketHistogramConfiguration? SecondsView(System.Diagnostics.Metrics.Instrument instrument) =>
        instrument.Unit == "s" && instrument.GetType().Name.StartsWith("Histogram", StringComparison.Ordinal)
            ? new ExplicitBucketHistogramConfiguration { Boundaries = SecondsBoundaries }
            : null;

    /// <summary>Probes come every few seconds and would bury the requests.</summary>
    private static bool IsWorthTracing(HttpContext context) =>
        !context.Request.Path.StartsWithSegments(HealthExtensions.ReadinessPath)
        && !context.Request.Path.StartsWithSegments(HealthExtensions.LivenessPath)
        && !context.Request.Path.StartsWithSegments(MetricsPath);
}
