namespace MemoryAspire.ServiceDefaults.Resilience;

/// <summary>One pipeline's settings: section <c>Resilience:{name}</c>, the names being those of <see cref="StorePipelineNames"/>.</summary>
public sealed class StorePipelineOptions
{
    public const string Section = "Resilience";

    /// <summary>Of one attempt.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Attempts after the first; 0 where repeating is not safe, and there it stays 0.</summary>
    public int Retries { get; set; }

    /// <summary>Before the first retry; doubled, and spread by chance, for every further one.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The share of failed attempts, within <see cref="SamplingDuration"/>, from which on nothing is tried any more.</summary>
    public double FailureRatio { get; set; } = 0.5;

    public TimeSpan SamplingDuration { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Fewer attempts than these within <see cref="SamplingDuration"/> prove nothing.</summary>
    public int MinimumThroughput { get; set; } = 10;

    /// <summary>How long nothing is tried, until one attempt finds out whether the store is back.</summary>
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(1);
}
