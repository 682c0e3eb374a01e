using System.ComponentModel.DataAnnotations;

namespace MemoryAspire.Api.Caching.Hot;

/// <summary>Memories that this process holds itself: section <c>HotMemories</c>.</summary>
internal sealed class HotMemoryOptions : IValidatableObject
{
    public const string Section = "HotMemories";

    /// <summary>How much they may take together, in bytes; 0 holds none.</summary>
    public long BytesMax { get; set; } = 64 * 1024 * 1024;

    /// <summary>How long one is held at most.</summary>
    public TimeSpan HoldMax { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How often the log is looked at for what has changed.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromMilliseconds(200);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (BytesMax < 0) yield return new($"{Section}:{nameof(BytesMax)} must not be negative.");
        if (HoldMax <= TimeSpan.Zero || HoldMax > TimeSpan.FromHours(1)) yield return new($"{Section}:{nameof(HoldMax)} must be more than nothing and at most one hour.");
        if (Interval < TimeSpan.FromMilliseconds(10) || Interval > HotMemories.HeartbeatMax / 2)
        {
            yield return new($"{Section}:{nameof(Interval)} must be between 10 ms and {HotMemories.HeartbeatMax.TotalMilliseconds / 2:0} ms.");
        }
    }
}
