namespace MemoryAspire.Bench;

/// <summary>What one run does.</summary>
/// <param name="Round">How long either side of a measure runs in a round.</param>
/// <param name="Only">The measures to take; empty: all.</param>
/// <param name="Memories">How many there are when the tiers are compared.</param>
/// <param name="Output">The Markdown file the report goes to.</param>
internal sealed record BenchOptions(TimeSpan Round, int Rounds, IReadOnlyCollection<string> Only, long Memories, string Output)
{
    /// <summary>The baseline's warm-up, and a step of the API's.</summary>
    public static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    /// <summary>How many requests the services get before one counts: they are compiled meanwhile, the hot paths twice.</summary>
    public const int WarmUpRequests = 10_000;

    /// <summary>A service that is slower than that is measured as it is.</summary>
    public static readonly TimeSpan WarmUpMax = TimeSpan.FromSeconds(40);
}
