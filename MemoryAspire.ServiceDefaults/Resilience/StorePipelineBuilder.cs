using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Telemetry;

namespace MemoryAspire.ServiceDefaults.Resilience;

/// <summary>Retry around breaker around time-out: every attempt has its own time-out and counts for the breaker, and an open breaker ends the retries.</summary>
internal static class StorePipelineBuilder
{
    public static StorePipeline Build(
        string name,
        StorePipelineOptions options,
        Func<Exception?, bool> isAway,
        Func<Exception?, bool> isWorthRetrying,
        TimeProvider time,
        ILogger logger)
    {
        var state = new CircuitBreakerStateProvider();
        var builder = new ResiliencePipelineBuilder { Name = name, TimeProvider = time };

        // Polly's metrics, without its log: one line per rejected call says nothing that the breaker's own lines do not.
        builder.ConfigureTelemetry(new TelemetryOptions { LoggerFactory = NullLoggerFactory.Instance });
        if (options.Retries > 0) builder.AddRetry(Retry(options, isWorthRetrying));
        builder.AddCircuitBreaker(Breaker(name, options, isAway, state, logger));
        builder.AddTimeout(options.Timeout);
        builder.AddStrategy(_ => new CancelledCalls(), new CancelledCallsOptions());
        return new StorePipeline(builder.Build(), state);
    }

    private static RetryStrategyOptions Retry(StorePipelineOptions options, Func<Exception?, bool> isWorthRetrying) => new()
    {
        MaxRetryAttempts = options.Retries,
        Delay = options.RetryDelay,
        BackoffType = DelayBackoffType.Exponential,
        UseJitter = true,
        ShouldHandle = arguments => new(isWorthRetrying(arguments.Outcome.Exception)),
    };

    private static CircuitBreakerStrategyOptions Breaker(
        string name, StorePipelineOptions options, Func<Exception?, bool> isAway, CircuitBreakerStateProvider state, ILogger logger) => new()
    {
        FailureRatio = options.FailureRatio,
        SamplingDuration = options.SamplingDuration,
        MinimumThroughput = options.MinimumThroughput,
        BreakDuration = options.BreakDuration,
        StateProvider = state,
        ShouldHandle = arguments => new(isAway(arguments.Outcome.Exception)),
        OnOpened = arguments =>
        {
            Log.BreakerOpened(logger, name, arguments.BreakDuration, arguments.Outcome.Exception?.GetType().Name ?? "");
            return default;
        },
        OnClosed = _ =>
        {
            Log.BreakerClosed(logger, name);
            return default;
        },
    };
}

internal sealed record StorePipeline(ResiliencePipeline Pipeline, CircuitBreakerStateProvider State);
