using System.ComponentModel.DataAnnotations;
using MemoryAspire.Api.Requests;

namespace MemoryAspire.Api.Memories;

/// <summary>Dedupe on write: section <c>Dedupe</c>.</summary>
internal sealed class DedupeOptions
{
    public const string Section = "Dedupe";

    /// <summary>The cosine from which on <c>similar</c> takes two memories for the same.</summary>
    [Range(0.5, 1.0, ErrorMessage = $"{Section}:SimilarityMin must be between 0.5 and 1.")]
    public double SimilarityMin { get; set; } = 0.95;
}

/// <summary>The field <c>dedupe</c> of a create.</summary>
internal enum DedupeField
{
    Off = 0,
    Exact = 1,
    Similar = 2,
}

internal static class DedupeFields
{
    private const string Name = "dedupe";

    public static DedupeField Dedupe(this RequestFields fields)
    {
        switch (fields.Text(Name, 32))
        {
            case null or "off":
                return DedupeField.Off;
            case "exact":
                return DedupeField.Exact;
            case "similar":
                return DedupeField.Similar;
            default:
                fields.Fail(Name, "must be off, exact or similar.");
                return DedupeField.Off;
        }
    }
}
