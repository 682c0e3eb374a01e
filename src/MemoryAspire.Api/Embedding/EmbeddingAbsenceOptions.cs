using System.ComponentModel.DataAnnotations;
using MemoryAspire.Embeddings;

namespace MemoryAspire.Api.Embedding;

/// <summary>What becomes of texts while the provider is away.</summary>
internal enum WhenAway
{
    /// <summary>Their writes are 503.</summary>
    Refuse = 0,

    /// <summary>They are stored without a vector, which is made later: <c>index: pending</c>.</summary>
    Accept = 1,
}

/// <summary>The absence of the provider: section <c>Embeddings</c>.</summary>
internal sealed class EmbeddingAbsenceOptions
{
    [EnumDataType(typeof(WhenAway), ErrorMessage = $"{EmbeddingOptions.Section}:WhenAway must be Refuse or Accept.")]
    public WhenAway WhenAway { get; set; }

    /// <summary>Between two looks at what waits for a vector.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00", ParseLimitsInInvariantCulture = true, ConvertValueInInvariantCulture = true,
        ErrorMessage = $"{EmbeddingOptions.Section}:PendingInterval must be between 0.1 s and 1 hour.")]
    public TimeSpan PendingInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>For how long a process keeps what it is at from the others.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ParseLimitsInInvariantCulture = true, ConvertValueInInvariantCulture = true,
        ErrorMessage = $"{EmbeddingOptions.Section}:PendingLease must be between 1 s and 1 hour.")]
    public TimeSpan PendingLease { get; set; } = TimeSpan.FromSeconds(30);
}
