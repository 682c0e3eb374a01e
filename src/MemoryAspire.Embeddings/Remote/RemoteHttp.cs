using Microsoft.Extensions.Http.Resilience;
using Polly;

namespace MemoryAspire.Embeddings.Remote;

/// <summary>
/// The HTTP client of a remote provider. Making a vector changes nothing, so that repeating is safe: twice, with
/// jittered exponential back-off or as Retry-After says, all within the time the options allow.
/// </summary>
internal static class RemoteHttp
{
    private const int RetriesMax = 2;

    public static HttpClient Create(EmbeddingOptions options, TimeProvider clock)
    {
        var pipeline = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = clock }
            .AddTimeout(options.Timeout)
            .AddRetry(new HttpRetryStrategyOptions
            {
                MaxRetryAttempts = RetriesMax,
                Delay = TimeSpan.FromMilliseconds(200),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
            })
            .AddTimeout(options.Timeout / 2)
            .Build();
        var handler = new ResilienceHandler(pipeline) { InnerHandler = new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(2) } };
        return new HttpClient(handler) { Timeout = System.Threading.Timeout.InfiniteTimeSpan };
    }
}
