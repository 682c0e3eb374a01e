using System.ComponentModel.DataAnnotations;

namespace MemoryAspire.Coordination.Groups;

/// <summary>Group commit: section <c>Writes</c>.</summary>
public sealed class WriteOptions
{
    public const string Section = "Writes";

    /// <summary>
    /// Lanes, each with one group of its own under way at a time. Partitions belong to lanes, so that groups do not wait for
    /// each other's heads.
    /// </summary>
    [Range(1, 256, ErrorMessage = $"{Section}:Lanes must be between 1 and 256.")]
    public int Lanes { get; set; } = 2;

    /// <summary>Operations of a group; a single transaction may have more.</summary>
    [Range(1, 10_000, ErrorMessage = $"{Section}:GroupOperationsMax must be between 1 and 10000.")]
    public int GroupOperationsMax { get; set; } = 500;

    /// <summary>Operations that may wait for a lane; more is 503.</summary>
    [Range(1, 1_000_000, ErrorMessage = $"{Section}:WaitingMax must be between 1 and 1000000.")]
    public int WaitingMax { get; set; } = 20_000;

    /// <summary>Operations of one tenant that may wait for a lane; more is 503 for that tenant.</summary>
    [Range(1, 1_000_000, ErrorMessage = $"{Section}:WaitingPerTenantMax must be between 1 and 1000000.")]
    public int WaitingPerTenantMax { get; set; } = 10_000;

    /// <summary>Committed groups of a lane whose participants have not answered yet; the lane waits at more.</summary>
    [Range(1, 100, ErrorMessage = $"{Section}:UnfinishedMax must be between 1 and 100.")]
    public int UnfinishedMax { get; set; } = 4;

    /// <summary>How long prepare may hold up COMMIT; a participant that takes longer counts as unreachable.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:00:10", ParseLimitsInInvariantCulture = true, ConvertValueInInvariantCulture = true,
        ErrorMessage = $"{Section}:PrepareMax must be between 1 ms and 10 s.")]
    public TimeSpan PrepareMax { get; set; } = TimeSpan.FromMilliseconds(100);
}
