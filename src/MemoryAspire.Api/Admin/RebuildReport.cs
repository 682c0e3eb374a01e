using MemoryAspire.Postgres.Rebuild;

namespace MemoryAspire.Api.Admin;

/// <summary>What a rebuild of <c>memories</c> from the log has found and repaired.</summary>
/// <param name="Partitions">How many partitions were compared and, where they differed, repaired.</param>
/// <param name="IncompleteLogs">The partitions whose log lacks positions: their rows were left as they are.</param>
/// <param name="Redis"><c>applied</c>, or <c>pending</c> while Redis may hold values of rows that were wrong.</param>
internal sealed record RebuildReport(
    int Partitions,
    long EventsRead,
    long MemoriesCompared,
    long RowsRemoved,
    long RowsAdded,
    long RowsReplaced,
    IReadOnlyList<int> IncompleteLogs,
    string Redis)
{
    public static RebuildReport Empty { get; } = new(0, 0, 0, 0, 0, 0, [], "applied");

    /// <param name="dropped">Whether Redis no longer holds what was repaired.</param>
    public RebuildReport With(PartitionRebuild partition, bool dropped) => new(
        Partitions + (partition.LogIsWhole ? 1 : 0),
        EventsRead + partition.Events,
        MemoriesCompared + partition.Memories,
        RowsRemoved + partition.Removed.Count,
        RowsAdded + partition.Added.Count,
        RowsReplaced + partition.Replaced.Count,
        partition.LogIsWhole ? IncompleteLogs : [.. IncompleteLogs, partition.Partition.Value],
        dropped ? Redis : "pending");
}
