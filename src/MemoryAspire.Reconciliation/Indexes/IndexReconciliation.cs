using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Index;
using MemoryAspire.Postgres.Reconciliation;
using MemoryAspire.Reconciliation.Reports;

namespace MemoryAspire.Reconciliation.Indexes;

/// <summary>Compares PostgreSQL with the index, at common positions, and repairs what differs. Nobody who writes is locked out.</summary>
public sealed class IndexReconciliation(RowDigests rows, IndexRepair repair)
{
    private const int RoundsMax = 8;

    /// <summary>By counts and digests: finds every record that was lost, added or replaced.</summary>
    /// <param name="distrusted">Partitions whose rows are known to be wrong: nothing is made like them.</param>
    public async Task CompareAsync(IndexCalls index, Tally tally, IReadOnlySet<Partition> distrusted, bool compareOnly, CancellationToken cancellationToken)
    {
        var different = await FindDifferentAsync(index, tally, cancellationToken);
        var ids = await new Narrowing(new SqlSide(rows), index, storedBytes: false).FindAsync(different.Where(one => !distrusted.Contains(one)), cancellationToken);
        await repair.RunAsync(ids, index, tally, compareOnly, cancellationToken);
    }

    /// <summary>
    /// By the bytes that are stored on both sides, for some partitions: finds also what changed while its digest did not. Rows that
    /// are not what their own digests say are counted; nothing else can tell what they were.
    /// </summary>
    public async Task CompareDeepAsync(
        IReadOnlyList<Partition> partitions, IndexCalls index, Tally tally, IReadOnlySet<Partition> distrusted, bool compareOnly, CancellationToken cancellationToken)
    {
        var (stored, damaged) = await rows.ReadStoredAsync(partitions, index.Database.Generation.Model, cancellationToken);
        tally.Found(Kinds.Postgres, Kinds.Damaged, damaged.Count);
        tally.Unrepairable(Kinds.Postgres, damaged.Count);
        tally.Compared("deep", stored.Count);
        var ids = await new Narrowing(new ReadSide(stored), index, storedBytes: true).FindAsync(partitions.Where(one => !distrusted.Contains(one)), cancellationToken);
        await repair.RunAsync(ids, index, tally, compareOnly, cancellationToken);
    }

    /// <summary>Compares whole partitions at the heads PostgreSQL had; those that are elsewhere are compared again.</summary>
    private async Task<IReadOnlyList<Partition>> FindDifferentAsync(IndexCalls index, Tally tally, CancellationToken cancellationToken)
    {
        var different = new List<Partition>();
        IReadOnlyCollection<Partition> pending = Partition.All;
        for (var round = 1; pending.Count > 0 && round <= RoundsMax; round++)
        {
            var sums = await rows.SumAsync(pending.Count == Partition.Count ? null : pending, cancellationToken);
            var reply = await index.DigestsAsync(sums, cancellationToken);
            var again = new List<Partition>();
            foreach (var (sum, entry) in sums.Zip(reply.Entries))
            {
                if (entry.State != DigestsReply.Types.State.Known)
                {
                    again.Add(sum.Partition);
                    continue;
                }

                tally.Compared(Kinds.Index, sum.Count);
                if (entry.Count != sum.Count || entry.Digest != sum.Digest) different.Add(sum.Partition);
            }

            pending = again;
        }

        tally.Uncompared(pending.Count);
        return different;
    }
}
