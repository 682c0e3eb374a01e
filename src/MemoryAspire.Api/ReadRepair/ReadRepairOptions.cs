using System.ComponentModel.DataAnnotations;

namespace MemoryAspire.Api.ReadRepair;

/// <summary>How many of the memories that reads and searches meet are verified behind the answer.</summary>
internal sealed class ReadRepairOptions
{
    public const string Section = "ReadRepair";

    /// <summary>The share of values served from Redis, and of hits of the index; 0: none.</summary>
    [Range(0, 1, ErrorMessage = $"{Section}:Rate must be between 0 and 1.")]
    public double Rate { get; set; } = 0.01;
}
