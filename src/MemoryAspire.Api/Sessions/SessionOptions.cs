using System.ComponentModel.DataAnnotations;

namespace MemoryAspire.Api.Sessions;

/// <summary>Working-memory sessions: section <c>Sessions</c>.</summary>
internal sealed class SessionOptions
{
    public const string Section = "Sessions";

    /// <summary>More is no single transaction's when all are promoted.</summary>
    public const int MessagesLimit = 1000;

    /// <summary>How long a session lives after its last use when its client does not say.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00", ParseLimitsInInvariantCulture = true, ConvertValueInInvariantCulture = true,
        ErrorMessage = $"{Section}:TtlDefault must be between 1 s and 365 days.")]
    public TimeSpan TtlDefault { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The longest life a client may ask for.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00", ParseLimitsInInvariantCulture = true, ConvertValueInInvariantCulture = true,
        ErrorMessage = $"{Section}:TtlMax must be between 1 s and 365 days.")]
    public TimeSpan TtlMax { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Messages that a session keeps when its client does not say.</summary>
    [Range(1, MessagesLimit, ErrorMessage = $"{Section}:MessagesDefault must be between 1 and 1000.")]
    public int MessagesDefault { get; set; } = 200;

    /// <summary>Bytes of a session's state and messages.</summary>
    [Range(1024, 64 * 1024 * 1024, ErrorMessage = $"{Section}:BytesMax must be between 1 KiB and 64 MiB.")]
    public long BytesMax { get; set; } = 1024 * 1024;

    /// <summary>How long a session that is to be promoted is kept after its expiry.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00", ParseLimitsInInvariantCulture = true, ConvertValueInInvariantCulture = true,
        ErrorMessage = $"{Section}:KeptForPromotion must be between 1 minute and 30 days.")]
    public TimeSpan KeptForPromotion { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Between two looks at what has expired.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00", ParseLimitsInInvariantCulture = true, ConvertValueInInvariantCulture = true,
        ErrorMessage = $"{Section}:SweepInterval must be between 0.1 s and 10 minutes.")]
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>For how long a process keeps what it is promoting from the others.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ParseLimitsInInvariantCulture = true, ConvertValueInInvariantCulture = true,
        ErrorMessage = $"{Section}:PromotionLease must be between 1 s and 1 hour.")]
    public TimeSpan PromotionLease { get; set; } = TimeSpan.FromMinutes(1);
}
