using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Index;
using MemoryAspire.Index.Comparing;
using MemoryAspire.Index.Events;
using MemoryAspire.IndexService.Following;
using MemoryAspire.Postgres.Reconciliation;
using MemoryAspire.Postgres.Schema;

namespace MemoryAspire.IndexService.Repairing;

/// <summary>What a held repair found: a state per id, or null for an id whose row is not what its own digest says.</summary>
internal sealed record HeldOutcome(IReadOnlyList<RecordState?> States);

/// <summary>
/// Repairs records of a partition that never holds still: nobody writes while the index reads rows, head and the events up to
/// it in one snapshot. It is bounded, because everybody waits.
/// </summary>
internal sealed class HeldRepair(SemanticIndex index, RowStates rows, Generations generations, IndexEventConversion conversion)
{
    private static readonly TimeSpan HoldMax = TimeSpan.FromSeconds(2);

    /// <summary>Null when the log has more to apply than may be read while everybody waits.</summary>
    public async Task<HeldOutcome?> RunAsync(
        Incarnation incarnation, long generation, Partition partition, IReadOnlyList<MemoryId> ids, bool compareOnly, CancellationToken cancellationToken)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var live = await generations.ReadLiveAsync(cancellationToken) is { } one && one.Number == generation
            ? one
            : throw new IndexIdentityException($"Generation {generation} is not live.");
        var damaged = new HashSet<MemoryId>();
        var targets = new List<MemoryId>();
        IReadOnlyList<RecordState>? states;
        try
        {
            states = await index.RepairHeldAsync(
                incarnation,
                generation,
                partition,
                async (applied, token) =>
                {
                    bound.CancelAfter(HoldMax);
                    var snapshot = await rows.ReadAsync(partition, ids, live.Model, applied, bound.Token);
                    var repair = new List<IndexEvent>();
                    foreach (var id in ids)
                    {
                        var row = snapshot.Rows.GetValueOrDefault(id);
                        if (row is not null && !RowStates.IsWhole(row))
                        {
                            damaged.Add(id);
                            continue;
                        }

                        targets.Add(id);
                        repair.Add(conversion.ToIndex(RowStates.ToEvent(id, row, snapshot.Head), live.Dimension));
                    }

                    // More than that cannot be applied as a whole here: the partition then is not at the head, and nothing is repaired.
                    var events = snapshot.Events.Count < RowStates.EventsMax ? snapshot.Events : [];
                    return ([.. events.Select(@event => conversion.ToIndex(@event, live.Dimension))], new RecordRepair(partition, snapshot.Head, repair, compareOnly));
                },
                bound.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }

        if (states is null) return null;
        var found = targets.Zip(states).ToDictionary(pair => pair.First, pair => pair.Second);
        return new HeldOutcome([.. ids.Select(id => damaged.Contains(id) ? (RecordState?)null : found[id])]);
    }
}
