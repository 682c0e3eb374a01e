using MemoryAspire.Contracts.Identity;
using MemoryAspire.Postgres.Leadership;
using MemoryAspire.Postgres.Rebuild;
using MemoryAspire.Postgres.Reconciliation;
using MemoryAspire.Reconciliation.Indexes;
using MemoryAspire.Reconciliation.Reports;
using MemoryAspire.Redis.Repair;

namespace MemoryAspire.Reconciliation.Rows;

/// <summary>
/// Compares the rows of a partition with its event log: what was changed by hand in SQL is found, and the log, or the row, wins.
/// </summary>
public sealed class RowReconciliation(MemoryRebuild rebuild, RowAcceptance acceptance, ValueRemoval values, IndexRepair index)
{
    /// <summary>False when the rows are still not what the log says: nothing may be made like them.</summary>
    public async Task<bool> RunAsync(Partition partition, RepairMode mode, LeaderTerm term, IndexCalls calls, Tally tally, CancellationToken cancellationToken)
    {
        var found = await rebuild.CompareAsync(partition, cancellationToken);
        tally.Compared(Kinds.Postgres, found.Memories);
        tally.Found(Kinds.Postgres, Kinds.Orphan, found.Removed.Count);
        tally.Found(Kinds.Postgres, Kinds.Missing, found.Added.Count);
        tally.Found(Kinds.Postgres, Kinds.Changed, found.Replaced.Count);
        var count = found.Repaired.Count();
        if (!found.LogIsWhole)
        {
            // What is missing in such a log proves nothing, so the rows are left as they are.
            tally.Found(Kinds.Postgres, Kinds.LogGap, 1);
            tally.Unrepairable(Kinds.Postgres, 1 + count);
            return false;
        }

        if (count == 0) return true;
        if (mode == RepairMode.None) return false;
        if (mode == RepairMode.AcceptRow) return await AcceptAsync(found, term, tally, cancellationToken);
        var repaired = await rebuild.RunAsync(partition, term.EnsureAsync, cancellationToken);
        tally.Repaired(Kinds.Postgres, repaired.Repaired.Count());
        await FollowAsync(found.Repaired.Union(repaired.Repaired), calls, tally);
        return true;
    }

    private async Task<bool> AcceptAsync(PartitionRebuild found, LeaderTerm term, Tally tally, CancellationToken cancellationToken)
    {
        var accepted = await acceptance.RunAsync(found, term, cancellationToken);
        tally.Repaired(Kinds.Postgres, accepted);
        var left = found.Repaired.Count() - accepted;
        tally.Unrepairable(Kinds.Postgres, left);
        return left == 0;
    }

    /// <summary>
    /// Makes the other tiers forget the wrong rows. The rows are committed, so no cancellation stops it; what a crash leaves out
    /// is found by comparing those tiers.
    /// </summary>
    private async Task FollowAsync(IEnumerable<MemoryId> ids, IndexCalls calls, Tally tally)
    {
        foreach (var some in ids.Chunk(500))
        {
            try
            {
                await values.RemoveAsync(some);
            }
            catch (Exception exception) when (Coordination.Participants.RedisParticipant.CannotServe(exception))
            {
                // The phase that compares Redis finds out and reports it.
            }

            try
            {
                await index.RunAsync(some, calls, tally, compareOnly: false, CancellationToken.None);
            }
            catch (Exception exception) when (Coordination.Participants.IndexParticipant.CannotServe(exception))
            {
                // So does the phase that compares the index.
            }
        }
    }
}
