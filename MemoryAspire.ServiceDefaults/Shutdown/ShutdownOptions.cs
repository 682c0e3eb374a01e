using System.ComponentModel.DataAnnotations;

namespace MemoryAspire.ServiceDefaults.Shutdown;

/// <summary>How a service ends: section <c>Shutdown</c>.</summary>
public sealed class ShutdownOptions : IValidatableObject
{
    public const string Section = "Shutdown";

    /// <summary>All of it, from the signal to the end; what still runs then is cut off.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long <c>/health</c> answers 503 while requests are still served, so that a load balancer looks away first.
    /// Zero where none is in front.
    /// </summary>
    public TimeSpan DrainDelay { get; set; } = TimeSpan.Zero;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Timeout <= TimeSpan.Zero) yield return new($"{Section}:{nameof(Timeout)} must be positive.");
        if (DrainDelay < TimeSpan.Zero) yield return new($"{Section}:{nameof(DrainDelay)} must not be negative.");
        if (DrainDelay >= Timeout) yield return new($"{Section}:{nameof(DrainDelay)} must be shorter than {Section}:{nameof(Timeout)}.");
    }
}
