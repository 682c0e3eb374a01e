using System.ComponentModel.DataAnnotations;

namespace MemoryAspire.Reconciler.Retaining;

/// <summary>How long what nobody needs any more is kept: section <c>Retention</c>.</summary>
internal sealed class RetentionOptions
{
    public const string Section = "Retention";

    /// <summary>Idempotency keys; the contract promises them for 24 hours.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "365.00:00:00", ParseLimitsInInvariantCulture = true, ConvertValueInInvariantCulture = true,
        ErrorMessage = $"{Section}:IdempotencyKeys must be between 1 and 365 days.")]
    public TimeSpan IdempotencyKeys { get; set; } = TimeSpan.FromDays(1);

    /// <summary>The states and vectors of memories that were deleted or expired; null: for ever.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "36500.00:00:00", ParseLimitsInInvariantCulture = true, ConvertValueInInvariantCulture = true,
        ErrorMessage = $"{Section}:Deleted must be between 1 s and 36500 days.")]
    public TimeSpan? Deleted { get; set; }

    /// <summary>States that were replaced by newer ones, and their vectors; null: for ever.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "36500.00:00:00", ParseLimitsInInvariantCulture = true, ConvertValueInInvariantCulture = true,
        ErrorMessage = $"{Section}:Superseded must be between 1 s and 36500 days.")]
    public TimeSpan? Superseded { get; set; }

    /// <summary>Between two rounds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00", ParseLimitsInInvariantCulture = true, ConvertValueInInvariantCulture = true,
        ErrorMessage = $"{Section}:Interval must be between 1 s and 1 day.")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Rows that one transaction goes through.</summary>
    [Range(1, 100_000, ErrorMessage = $"{Section}:BatchMax must be between 1 and 100000.")]
    public int BatchMax { get; set; } = 1000;
}
