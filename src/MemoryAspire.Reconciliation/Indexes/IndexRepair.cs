using Grpc.Core;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Index;
using MemoryAspire.Postgres.Reconciliation;
using MemoryAspire.Reconciliation.Reports;

namespace MemoryAspire.Reconciliation.Indexes;

/// <summary>
/// Compares single records of the index with their rows at one position, and makes them what the rows are. The index refuses
/// when the partition is elsewhere; after three refusals it is asked to do it itself, while nobody else writes.
/// </summary>
public sealed class IndexRepair(RowStates rows)
{
    private const int RefusalsMax = 3;

    /// <summary>Records in one call.</summary>
    private const int RecordsMax = 100;

    /// <param name="compareOnly">True: nothing is changed.</param>
    /// <exception cref="RpcException">The index cannot be reached, or refuses this database, generation or epoch.</exception>
    public async Task RunAsync(IReadOnlyCollection<MemoryId> ids, IndexCalls index, Tally tally, bool compareOnly, CancellationToken cancellationToken)
    {
        foreach (var partition in ids.Distinct().GroupBy(id => id.Partition))
        {
            foreach (var some in partition.Chunk(RecordsMax))
            {
                try
                {
                    if (await RepairAsync(partition.Key, some, index, compareOnly, cancellationToken) is { } outcomes) Count(outcomes, tally, compareOnly);
                    else tally.Uncompared(some.Length);
                }
                catch (RpcException exception) when (exception.StatusCode == StatusCode.ResourceExhausted)
                {
                    // There is no room: the records stay as they are until something is deleted, or the capacity is raised.
                    await CountFullAsync(partition.Key, some, index, tally, cancellationToken);
                }
            }
        }
    }

    /// <summary>Null when the index was never where the rows were.</summary>
    private async Task<IReadOnlyList<RepairReply.Types.Outcome>?> RepairAsync(
        Partition partition, IReadOnlyList<MemoryId> ids, IndexCalls index, bool compareOnly, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= RefusalsMax; attempt++)
        {
            var snapshot = await rows.ReadAsync(partition, ids, index.Database.Generation.Model, cancellationToken);
            var damaged = snapshot.Rows.Values.Where(row => !RowStates.IsWhole(row)).Select(row => row.Record.Memory.Id).ToHashSet();
            var targets = ids.Where(id => !damaged.Contains(id)).Select(id => (Id: id, Row: snapshot.Rows.GetValueOrDefault(id))).ToList();
            var reply = await index.RepairAsync(partition, snapshot.Head, targets, compareOnly, cancellationToken);
            if (reply.Refused) continue;
            return [.. reply.Outcomes, .. damaged.Select(_ => RepairReply.Types.Outcome.Unknown)];
        }

        var held = await index.RepairHeldAsync(partition, ids, compareOnly, cancellationToken);
        return held.Refused ? null : held.Outcomes;
    }

    private async Task CountFullAsync(Partition partition, IReadOnlyList<MemoryId> ids, IndexCalls index, Tally tally, CancellationToken cancellationToken)
    {
        if (await RepairAsync(partition, ids, index, compareOnly: true, cancellationToken) is not { } outcomes) return;
        Count(outcomes, tally, compareOnly: true);
        tally.Unrepairable(Kinds.Index, outcomes.Count(IsWrong));
    }

    private static void Count(IReadOnlyList<RepairReply.Types.Outcome> outcomes, Tally tally, bool compareOnly)
    {
        foreach (var outcome in outcomes.Where(IsWrong).GroupBy(outcome => outcome)) tally.Found(Kinds.Index, KindOf(outcome.Key), outcome.Count());
        if (!compareOnly) tally.Repaired(Kinds.Index, outcomes.Count(IsWrong));
    }

    private static bool IsWrong(RepairReply.Types.Outcome outcome) => outcome is not (RepairReply.Types.Outcome.Right or RepairReply.Types.Outcome.Unknown);

    private static string KindOf(RepairReply.Types.Outcome outcome) => outcome switch
    {
        RepairReply.Types.Outcome.Missing => Kinds.Missing,
        RepairReply.Types.Outcome.Stale => Kinds.Stale,
        RepairReply.Types.Outcome.Orphan => Kinds.Orphan,
        _ => Kinds.Changed,
    };
}
