using System.Text.Json;
using MemoryAspire.Contracts.Memories;

namespace MemoryAspire.Reconciliation.Reports;

/// <summary>What a run has compared, found and repaired.</summary>
/// <param name="Compared">Per tier: rows compared with their log, memories of the index, values of Redis.</param>
/// <param name="Repaired">Differences that are no longer there.</param>
/// <param name="Unrepairable">Differences that nothing can tell the right side of, or for which there is no room.</param>
/// <param name="Uncompared">Partitions of the index that never came to a head while they were looked at, and records that were never still.</param>
/// <param name="BytesMoved">Per tier: between the reconciler and the index, and values of Redis.</param>
public sealed record ReconciliationReport(
    SortedDictionary<string, long> Compared,
    IReadOnlyList<Difference> Differences,
    long Repaired,
    long Unrepairable,
    long Uncompared,
    SortedDictionary<string, long> BytesMoved)
{
    public static ReconciliationReport Empty => new([], [], 0, 0, 0, []);

    public JsonElement ToJson() => JsonSerializer.SerializeToElement(this, MemoryJson.Options);

    /// <summary>A report as it was kept; an empty one when none was.</summary>
    public static ReconciliationReport Of(JsonElement json) =>
        json.ValueKind == JsonValueKind.Object && json.EnumerateObject().Any()
            ? json.Deserialize<ReconciliationReport>(MemoryJson.Options) ?? Empty
            : Empty;
}
