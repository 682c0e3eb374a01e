using System.ComponentModel.DataAnnotations;

namespace MemoryAspire.Api.Erasure;

/// <summary>How a demand for erasure is answered: section <c>Erasure</c>.</summary>
internal sealed class ErasureOptions
{
    public const string Section = "Erasure";

    /// <summary>How long an answer waits for the tiers; what is pending then is done in the background.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00", ParseLimitsInInvariantCulture = true, ConvertValueInInvariantCulture = true,
        ErrorMessage = $"{Section}:Patience must be between 0 and 10 minutes.")]
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(15);
}
