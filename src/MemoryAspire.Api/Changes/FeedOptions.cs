using System.ComponentModel.DataAnnotations;

namespace MemoryAspire.Api.Changes;

/// <summary>The change feed of this process: section <c>Changes</c>.</summary>
internal sealed class FeedOptions : IValidatableObject
{
    public const string Section = "Changes";

    /// <summary>Readers at a time; beyond, the answer is 503.</summary>
    public int ReadersMax { get; set; } = 256;

    /// <summary>How long a feed is silent at most.</summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a reader may take to accept what was sent, before it is cut off.</summary>
    public TimeSpan FlushTimeout { get; set; } = TimeSpan.FromSeconds(30);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (ReadersMax < 1) yield return new($"{Section}:{nameof(ReadersMax)} must be at least 1.");
        if (Heartbeat <= TimeSpan.Zero) yield return new($"{Section}:{nameof(Heartbeat)} must be positive.");
        if (FlushTimeout <= TimeSpan.Zero) yield return new($"{Section}:{nameof(FlushTimeout)} must be positive.");
    }
}
