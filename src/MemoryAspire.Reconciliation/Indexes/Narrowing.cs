using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Index;
using MemoryAspire.Postgres.Reconciliation;

namespace MemoryAspire.Reconciliation.Indexes;

/// <summary>
/// Narrows partitions that differ, 16 ways at a time, down to the records that may: what the two sides say is not of the same
/// moment while writes go on, so each record found is compared again by its repair, at one position.
/// </summary>
internal sealed class Narrowing(IRowSide rows, IndexCalls index, bool storedBytes)
{
    /// <summary>A range of so few rows is listed rather than divided.</summary>
    private const int ListMax = 32;

    /// <summary>Ranges asked about in one call.</summary>
    private const int RangesMax = 64;

    public async Task<IReadOnlyList<MemoryId>> FindAsync(IEnumerable<Partition> partitions, CancellationToken cancellationToken)
    {
        var found = new List<MemoryId>();
        var pending = new Queue<RowRange>(partitions.Select(partition => new RowRange(partition, null, null)));
        while (pending.Count > 0)
        {
            var ranges = new List<RowRange>();
            while (ranges.Count < RangesMax && pending.TryDequeue(out var range)) ranges.Add(range);
            var parts = await rows.SplitAsync(ranges, cancellationToken);
            var reply = await index.RangesAsync(parts.Select(part => (part, part.Count <= ListMax)), storedBytes, cancellationToken);
            var small = new List<(RowRange Range, RangesReply.Types.Range Held)>();
            foreach (var (part, held) in parts.Zip(reply.Ranges).Where(pair => !pair.Second.Equal))
            {
                if (part.Count <= ListMax) small.Add((part.Range, held));
                else pending.Enqueue(part.Range);
            }

            if (small.Count == 0) continue;
            var stored = await rows.ListAsync([.. small.Select(one => one.Range)], cancellationToken);
            found.AddRange(Between(stored, small.SelectMany(one => one.Held.Records)));
        }

        return found;
    }

    /// <summary>The ids of which the sides do not say the same. Pure.</summary>
    internal static IEnumerable<MemoryId> Between(IEnumerable<RowDigest> rows, IEnumerable<RangesReply.Types.Record> records)
    {
        var held = records.ToDictionary(record => MemoryId.Read(record.Id.Span), record => (record.Version, record.Digest));
        foreach (var row in rows)
        {
            if (!held.Remove(row.Id, out var record) || record != (row.Version, row.Digest)) yield return row.Id;
        }

        foreach (var id in held.Keys) yield return id;
    }
}
