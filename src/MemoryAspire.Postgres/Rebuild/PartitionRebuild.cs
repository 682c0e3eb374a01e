using MemoryAspire.Contracts.Identity;

namespace MemoryAspire.Postgres.Rebuild;

/// <summary>What the rebuild of one partition's rows found and repaired.</summary>
/// <param name="Events">How many events the partition's log has.</param>
/// <param name="Memories">How many memories were compared: those of the log and those of the table.</param>
public sealed record PartitionRebuild(Partition Partition, long Events, long Memories)
{
    /// <summary>
    /// False when the log does not have every position from 1 to the head. What is missing in such a log proves
    /// nothing, so the rows are left as they are.
    /// </summary>
    public bool LogIsWhole { get; init; } = true;

    /// <summary>Rows that the log does not have.</summary>
    public IReadOnlyList<MemoryId> Removed { get; init; } = [];

    /// <summary>Rows that were missing.</summary>
    public IReadOnlyList<MemoryId> Added { get; init; } = [];

    /// <summary>Rows that were not as their last event says.</summary>
    public IReadOnlyList<MemoryId> Replaced { get; init; } = [];

    /// <summary>Whatever another tier may have taken from a wrong row, or from its absence.</summary>
    public IEnumerable<MemoryId> Repaired => [.. Removed, .. Added, .. Replaced];
}
