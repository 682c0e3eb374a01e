using System.ComponentModel.DataAnnotations;

namespace MemoryAspire.Reconciler.Expiring;

/// <summary>How memories whose time is over are swept: section <c>Expiry</c>.</summary>
internal sealed class ExpiryOptions
{
    public const string Section = "Expiry";

    /// <summary>Between two looks for memories whose time is over.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00", ParseLimitsInInvariantCulture = true, ConvertValueInInvariantCulture = true,
        ErrorMessage = $"{Section}:Interval must be between 0.1 s and 1 day.")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Memories that are taken at a time.</summary>
    [Range(1, 10_000, ErrorMessage = $"{Section}:BatchMax must be between 1 and 10000.")]
    public int BatchMax { get; set; } = 500;

    /// <summary>Memories that are swept in a second at most, so that many that end together do not hold up those who write.</summary>
    [Range(1, 100_000, ErrorMessage = $"{Section}:PerSecondMax must be between 1 and 100000.")]
    public int PerSecondMax { get; set; } = 1000;
}
