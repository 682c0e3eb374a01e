using Microsoft.Extensions.Options;

namespace MemoryAspire.ServiceDefaults.Resilience;

/// <summary>Stops the start with the name of the wrong setting.</summary>
internal sealed class StorePipelineOptionsValidator : IValidateOptions<StorePipelineOptions>
{
    private static readonly TimeSpan TimeoutMin = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan TimeoutMax = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan BreakerDurationMin = TimeSpan.FromMilliseconds(500);
    private const int RetriesMax = 10;

    public ValidateOptionsResult Validate(string? name, StorePipelineOptions options)
    {
        var errors = Errors(name ?? "", options).Select(error => $"{StorePipelineOptions.Section}:{name}:{error}").ToList();
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static IEnumerable<string> Errors(string name, StorePipelineOptions options)
    {
        if (options.Timeout < TimeoutMin || options.Timeout > TimeoutMax)
            yield return $"{nameof(options.Timeout)} must be between {TimeoutMin} and {TimeoutMax}.";
        if (options.Retries is < 0 or > RetriesMax)
            yield return $"{nameof(options.Retries)} must be between 0 and {RetriesMax}.";
        if (options.Retries > 0 && StorePipelineNames.NeverRetried.Contains(name))
            yield return $"{nameof(options.Retries)} must be 0: repeating these calls is not safe.";
        if (options.RetryDelay < TimeSpan.Zero || options.RetryDelay > TimeoutMax)
            yield return $"{nameof(options.RetryDelay)} must be between zero and {TimeoutMax}.";
        if (options.FailureRatio is not (> 0 and <= 1))
            yield return $"{nameof(options.FailureRatio)} must be above 0 and at most 1.";
        if (options.MinimumThroughput < 2)
            yield return $"{nameof(options.MinimumThroughput)} must be at least 2.";
        if (options.SamplingDuration < BreakerDurationMin || options.SamplingDuration > TimeoutMax)
            yield return $"{nameof(options.SamplingDuration)} must be between {BreakerDurationMin} and {TimeoutMax}.";
        if (options.BreakDuration < BreakerDurationMin || options.BreakDuration > TimeoutMax)
            yield return $"{nameof(options.BreakDuration)} must be between {BreakerDurationMin} and {TimeoutMax}.";
    }
}
