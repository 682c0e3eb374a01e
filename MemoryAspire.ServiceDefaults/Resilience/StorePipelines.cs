using MemoryAspire.ServiceDefaults.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;

namespace MemoryAspire.ServiceDefaults.Resilience;

/// <summary>
/// How the stores are called, once for all services. Each pipeline has a time-out per attempt and a circuit breaker of its own,
/// so that writes waiting for a lock never stop reads; only what is safe to repeat is repeated.
/// What a pipeline throws, <see cref="StoreFailures"/> sorts.
/// </summary>
public sealed class StorePipelines
{
    private readonly Dictionary<string, StorePipeline> pipelines;

    internal StorePipelines(
        IOptionsMonitor<StorePipelineOptions> options, TimeProvider time, ILogger<StorePipelines> logger, Instruments instruments)
    {
        StorePipeline Build(string name, Func<Exception?, bool> isAway, Func<Exception?, bool> isWorthRetrying) =>
            StorePipelineBuilder.Build(name, options.Get(name), isAway, isWorthRetrying, time, logger);

        pipelines = new()
        {
            [StorePipelineNames.PostgresRead] = Build(StorePipelineNames.PostgresRead, StoreFailures.IsPostgresAway, StoreFailures.IsPostgresTransient),
            [StorePipelineNames.PostgresWrite] = Build(StorePipelineNames.PostgresWrite, StoreFailures.IsPostgresAway, Never),
            [StorePipelineNames.Redis] = Build(StorePipelineNames.Redis, StoreFailures.IsRedisAway, Never),
            [StorePipelineNames.Index] = Build(StorePipelineNames.Index, StoreFailures.IsIndexAway, StoreFailures.IsIndexTransient),
            [StorePipelineNames.IndexApply] = Build(StorePipelineNames.IndexApply, StoreFailures.IsIndexAway, Never),
        };
        foreach (var (name, pipeline) in pipelines) instruments.ObserveBreaker(name, () => pipeline.State.CircuitState);
    }

    /// <summary>Statements that change nothing: repeated when the connection broke or the server is starting.</summary>
    public ResiliencePipeline PostgresRead => pipelines[StorePipelineNames.PostgresRead].Pipeline;

    /// <summary>Everything else: tried once. Whether a transaction that broke off was committed, only its key can tell.</summary>
    public ResiliencePipeline PostgresWrite => pipelines[StorePipelineNames.PostgresWrite].Pipeline;

    /// <summary>
    /// Tried once; the row in PostgreSQL is nearer than a second attempt. The driver knows no cancellation, so the time-out
    /// takes effect only through <c>redis.ScriptEvaluateAsync(…).WaitAsync(token)</c>.
    /// </summary>
    public ResiliencePipeline Redis => pipelines[StorePipelineNames.Redis].Pipeline;

    /// <summary>Search, Status and Lookup: repeated when the index is UNAVAILABLE. Pass the token to the call.</summary>
    public ResiliencePipeline Index => pipelines[StorePipelineNames.Index].Pipeline;

    /// <summary>Apply: tried once; what does not arrive by it arrives through the log.</summary>
    public ResiliencePipeline IndexApply => pipelines[StorePipelineNames.IndexApply].Pipeline;

    /// <summary>The state of the breaker of one of <see cref="StorePipelineNames"/>, for health checks: open means nothing is tried.</summary>
    public CircuitState BreakerOf(string pipeline) => pipelines[pipeline].State.CircuitState;

    private static bool Never(Exception? exception) => false;
}
