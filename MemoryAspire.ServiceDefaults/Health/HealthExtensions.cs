using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace MemoryAspire.ServiceDefaults.Health;

/// <summary>
/// <c>/health</c>: should requests be sent here (every check)? <c>/alive</c>: is the process worth keeping (only the
/// checks tagged <see cref="LiveTag"/>)? Neither asks for a key.
/// </summary>
public static class HealthExtensions
{
    public const string LiveTag = "live";
    public const string ReadinessPath = "/health";
    public const string LivenessPath = "/alive";

    /// <summary>A store that hangs must not make the answer hang: whoever asks would take the service itself for dead.</summary>
    private static readonly TimeSpan CheckMax = TimeSpan.FromSeconds(3);

    internal static void AddHealth(this IHostApplicationBuilder builder)
    {
        builder.Services.AddHealthChecks()
            .AddCheck("self", () => HealthCheckResult.Healthy(), [LiveTag]);
        builder.Services.PostConfigure<HealthCheckServiceOptions>(options =>
        {
            foreach (var check in options.Registrations)
            {
                if (check.Timeout == Timeout.InfiniteTimeSpan) check.Timeout = CheckMax;
            }
        });
    }

    internal static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapHealthChecks(ReadinessPath, Options(check => !check.Tags.Contains(LiveTag))).AllowAnonymous();
        endpoints.MapHealthChecks(LivenessPath, Options(check => check.Tags.Contains(LiveTag))).AllowAnonymous();
    }

    private static HealthCheckOptions Options(Func<HealthCheckRegistration, bool> predicate) => new()
    {
        Predicate = predicate,
        ResponseWriter = HealthReportWriter.WriteAsync,
        ResultStatusCodes =
        {
            [HealthStatus.Healthy] = StatusCodes.Status200OK,
            [HealthStatus.Degraded] = StatusCodes.Status200OK,
            [HealthStatus.Unhealthy] = StatusCodes.Status503ServiceUnavailable,
        },
    };
}
