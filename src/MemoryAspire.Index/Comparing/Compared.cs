using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Index.Events;

namespace MemoryAspire.Index.Comparing;

/// <summary>Whether the state of a partition at a position can be told.</summary>
public enum HistoryState
{
    Known,
    Behind,
    Gone,
}

/// <summary>Ids from one up to, but without, another; null is without end.</summary>
public readonly record struct IdRange(Partition Partition, MemoryId? From, MemoryId? Until)
{
    public bool Has(MemoryId id) => (From is not { } from || id >= from) && (Until is not { } until || id < until);
}

/// <summary>A record as a comparison sees it.</summary>
public readonly record struct ComparedRecord(MemoryId Id, long Version, ulong Digest);

/// <summary>What a record was, compared with what it should be.</summary>
public enum RecordState
{
    Right = 0,
    Missing = 1,
    Stale = 2,
    Changed = 3,
    Orphan = 4,
}

/// <summary>What becomes of records of one partition: compared with their targets and, unless only compared, replaced.</summary>
/// <param name="Targets">Their positions mean nothing.</param>
public sealed record RecordRepair(Partition Partition, Position At, IReadOnlyList<IndexEvent> Targets, bool CompareOnly);

/// <summary>All records of some partitions, each in the order of ids.</summary>
public sealed class ComparedRecords(IReadOnlyDictionary<Partition, ComparedRecord[]> partitions)
{
    /// <summary>The records of a range.</summary>
    public ReadOnlySpan<ComparedRecord> In(IdRange range)
    {
        if (!partitions.TryGetValue(range.Partition, out var records)) return default;
        var from = range.From is { } first ? Find(records, first) : 0;
        var until = range.Until is { } end ? Find(records, end) : records.Length;
        return records.AsSpan(from, Math.Max(0, until - from));
    }

    public static ulong DigestOf(ReadOnlySpan<ComparedRecord> records)
    {
        var digest = 0UL;
        foreach (var record in records) digest ^= record.Digest;
        return digest;
    }

    /// <summary>Where the first id is that is not before this one.</summary>
    private static int Find(ComparedRecord[] records, MemoryId id)
    {
        var (low, high) = (0, records.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (records[middle].Id < id) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
