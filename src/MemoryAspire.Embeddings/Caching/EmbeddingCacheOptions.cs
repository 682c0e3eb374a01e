using System.ComponentModel.DataAnnotations;

namespace MemoryAspire.Embeddings.Caching;

/// <summary>The configuration section <c>Embeddings:Cache</c>.</summary>
public sealed class EmbeddingCacheOptions
{
    public const string Section = $"{EmbeddingOptions.Section}:Cache";

    /// <summary>Not given: for every provider but the built-in one, which makes a vector sooner than it could be looked up.</summary>
    public bool? Enabled { get; set; }

    /// <summary>How long a vector stays in the process.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00", ParseLimitsInInvariantCulture = true, ConvertValueInInvariantCulture = true,
        ErrorMessage = $"{Section}:MemoryDuration must be between 1 s and 1 day.")]
    public TimeSpan MemoryDuration { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Bytes of vectors in the process.</summary>
    [Range(0, int.MaxValue, ErrorMessage = $"{Section}:MemoryBytesMax must be between 0 and 2147483647.")]
    public long MemoryBytesMax { get; set; } = 64 * 1024 * 1024;

    /// <summary>How long a vector stays in Redis, where it may be evicted before.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00", ParseLimitsInInvariantCulture = true, ConvertValueInInvariantCulture = true,
        ErrorMessage = $"{Section}:RedisDuration must be between 1 minute and 365 days.")]
    public TimeSpan RedisDuration { get; set; } = TimeSpan.FromDays(30);
}
