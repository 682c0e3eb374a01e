using Microsoft.Extensions.Http.Resilience;
using Polly;

namespace MemoryAspire.Embeddings.Remote;

/// <summary>
/// The HTTP client of a remote provider. Making a vector changes nothing, so that repeating is safe: twice, with
/// jittered exponential back-off or as Retry-After says, all within the time the options allow, and no more often than the budget of
/// repetitions has. A provider that fails most of the time is left alone for a while: its callers are told at once.
/// </summary>
internal static class RemoteHttp
{
    private const int RetriesMax = 2;

    public static HttpClient Create(EmbeddingOptions options, TimeProvider clock)
    {
        var budget = new RetryBudget();
        var retry = new HttpRetryStrategyOptions
        {
            MaxRetryAttempts = RetriesMax,
            Delay = TimeSpan.FromMilliseconds(200),
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
        };
        var isPassing = retry.ShouldHandle;
        retry.ShouldHandle = async arguments => await isPassing(arguments) && arguments.AttemptNumber < RetriesMax && budget.TrySpend();
        var pipeline = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = clock }
            .AddTimeout(options.Timeout)
            .AddRetry(retry)
            .AddCircuitBreaker(new HttpCircuitBreakerStrategyOptions
            {
                FailureRatio = 0.5,
                SamplingDuration = TimeSpan.FromSeconds(30),
                MinimumThroughput = 10,
                BreakDuration = TimeSpan.FromSeconds(2),
            })
            .AddTimeout(options.Timeout / 2)
            .Build();
        var handler = new ResilienceHandler(pipeline)
        {
            InnerHandler = new BudgetedHandler(budget) { InnerHandler = new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(2) } },
        };
        return new HttpClient(handler) { Timeout = System.Threading.Timeout.InfiniteTimeSpan };
    }
}
