using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Http.Resilience;
using Polly;

namespace MemoryAspire.ServiceDefaults.Http;

/// <summary>
/// Every HTTP client finds services by name and has time-outs, a circuit breaker, and retries of the methods that may
/// be repeated. gRPC calls pass untouched: each is a POST, whatever it does, their streams outlive any time-out that suits a
/// request, and their callers have pipelines of their own.
/// </summary>
internal static class HttpClientExtensions
{
    public static void AddHttpClients(this IHostApplicationBuilder builder)
    {
        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(http =>
        {
            http.AddStandardResilienceHandler(LeaveUnsafeAndGrpcAlone);
            http.AddServiceDiscovery();
        });
    }

    private static void LeaveUnsafeAndGrpcAlone(HttpStandardResilienceOptions options)
    {
        options.Retry.DisableForUnsafeHttpMethods();

        var isFailure = options.CircuitBreaker.ShouldHandle;
        options.CircuitBreaker.ShouldHandle = async arguments => !IsGrpc(arguments.Context) && await isFailure(arguments);

        var attempt = options.AttemptTimeout.Timeout;
        options.AttemptTimeout.TimeoutGenerator = arguments => new(IsGrpc(arguments.Context) ? Timeout.InfiniteTimeSpan : attempt);
        var total = options.TotalRequestTimeout.Timeout;
        options.TotalRequestTimeout.TimeoutGenerator = arguments => new(IsGrpc(arguments.Context) ? Timeout.InfiniteTimeSpan : total);
    }

    private static bool IsGrpc(ResilienceContext context) =>
        context.GetRequestMessage()?.Content?.Headers.ContentType is MediaTypeHeaderValue { MediaType: { } type }
        && type.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase);
}
