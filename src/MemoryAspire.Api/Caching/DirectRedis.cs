using MemoryAspire.ServiceDefaults.Resilience;
using Microsoft.Extensions.Options;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace MemoryAspire.Api.Caching;

/// <summary>
/// Calls Redis for reads by id. While Redis is well the call is made without the pipeline, which costs about as much as the call
/// itself, and under the same time-out. A call that fails is told to the pipeline, and from then on all calls go through it for a
/// while, so that its breaker counts what succeeds and what fails.
/// </summary>
internal sealed class DirectRedis(StorePipelines pipelines, IOptionsMonitor<StorePipelineOptions> options, TimeProvider time)
{
    /// <summary>Longer than the breaker looks back.</summary>
    private static readonly TimeSpan Watch = TimeSpan.FromSeconds(10);

    private readonly TimeSpan _timeout = options.Get(StorePipelineNames.Redis).Timeout;
    private long _failedAt = time.GetTimestamp() - (time.TimestampFrequency * 3600);

    public async Task<TResult> CallAsync<TState, TResult>(Func<TState, Task<TResult>> call, TState state, CancellationToken cancellationToken)
    {
        if (time.GetElapsedTime(Volatile.Read(ref _failedAt)) < Watch || pipelines.BreakerOf(StorePipelineNames.Redis) != CircuitState.Closed)
        {
            return await pipelines.Redis.ExecuteAsync(
                static async (called, token) => await called.call(called.state).WaitAsync(token), (call, state), cancellationToken);
        }

        Exception failure;
        try
        {
            return await call(state).WaitAsync(_timeout, time, cancellationToken);
        }
        catch (TimeoutException exception)
        {
            failure = new TimeoutRejectedException(exception.Message, exception);
        }
        catch (Exception exception) when (StoreFailures.IsRedisAway(exception))
        {
            failure = exception;
        }

        Volatile.Write(ref _failedAt, time.GetTimestamp());
        return await pipelines.Redis.ExecuteAsync<TResult, Exception>(static (failed, _) => ValueTask.FromException<TResult>(failed), failure, CancellationToken.None);
    }
}
