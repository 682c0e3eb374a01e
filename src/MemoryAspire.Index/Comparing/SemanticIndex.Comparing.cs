using System.Runtime.InteropServices;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Index.Comparing;
using MemoryAspire.Index.Events;
using MemoryAspire.Index.Memories;
using MemoryAspire.Index.Segments;

namespace MemoryAspire.Index;

/// <content>Comparing with the source of truth, and repairing single records.</content>
public sealed partial class SemanticIndex
{
    /// <summary>Count and digest of a partition at a position that may be past. Waits for no writer.</summary>
    /// <exception cref="IndexIdentityException">The index holds another generation or database.</exception>
    public (HistoryState State, PartitionState At) StateAt(Incarnation incarnation, long generation, Partition partition, Position position) =>
        Require(incarnation, generation).At(partition, position);

    /// <summary>All records of some partitions as they are now; the writer waits while they are listed, not while they are read.</summary>
    /// <param name="storedBytes">Whether their digests are made anew from what is held, see <see cref="IndexedDigest"/>.</param>
    /// <exception cref="IndexIdentityException">The index holds another generation or database.</exception>
    public async Task<ComparedRecords> RecordsAsync(
        Incarnation incarnation, long generation, IReadOnlySet<Partition> partitions, bool storedBytes, CancellationToken cancellationToken)
    {
        Dictionary<Partition, List<(ComparedRecord Record, IndexedDigest Fields, int Node)>> collected;
        IndexView view;
        await using (await WriteAsync(cancellationToken))
        {
            var contents = Require(incarnation, generation);
            collected = contents.Collect(partitions, storedBytes);
            view = contents.TakeView();
        }

        try
        {
            var vector = new float[view.Nodes.Graph.Shape.Dimension];
            return new ComparedRecords(collected.ToDictionary(pair => pair.Key, pair => Sorted(pair.Value.Select(one =>
                storedBytes ? one.Record with { Digest = one.Fields.With(Read(view, one.Node, vector)) } : one.Record))));
        }
        finally
        {
            view.GiveBack();
        }
    }

    /// <summary>
    /// Carries out a repair if its partition is at its position when its turn in the writer's queue comes: then nothing can be on
    /// its way that the targets do not have. Null when it is elsewhere.
    /// </summary>
    /// <exception cref="IndexIdentityException">The index holds another generation or database.</exception>
    /// <exception cref="Faiss.CapacityExceededException">The index is full; nothing was changed.</exception>
    public async Task<IReadOnlyList<RecordState>?> RepairAsync(Incarnation incarnation, long generation, RecordRepair repair, CancellationToken cancellationToken)
    {
        await using var writing = await WriteAsync(cancellationToken);
        var contents = Require(incarnation, generation);
        return contents.Applied(repair.Partition) == repair.At ? Repair(contents, repair) : null;
    }

    /// <summary>
    /// Keeps everybody else from writing while <paramref name="read"/> reads, given how far the partition is, the events that
    /// follow and a repair as of the last of them; then applies both. Null when the partition is elsewhere even then.
    /// </summary>
    /// <exception cref="IndexIdentityException">The index holds another generation or database.</exception>
    /// <exception cref="Faiss.CapacityExceededException">The index is full.</exception>
    public async Task<IReadOnlyList<RecordState>?> RepairHeldAsync(
        Incarnation incarnation,
        long generation,
        Partition partition,
        Func<Position, CancellationToken, Task<(IReadOnlyList<IndexEvent> Events, RecordRepair Repair)>> read,
        CancellationToken cancellationToken)
    {
        await using var writing = await WriteAsync(cancellationToken);
        var contents = Require(incarnation, generation);
        var (events, repair) = await read(contents.Applied(partition), cancellationToken);
        contents.Apply(events, () => _graphs.RebuildNow(contents));
        return contents.Applied(partition) == repair.At ? Repair(contents, repair) : null;
    }

    private IReadOnlyList<RecordState> Repair(IndexContents contents, RecordRepair repair)
    {
        var states = contents.Repair(repair, () => _graphs.RebuildNow(contents));
        _graphs.Tidy(contents);
        _linker.Added(contents, repair.Targets.Count);
        return states;
    }

    private static ComparedRecord[] Sorted(IEnumerable<ComparedRecord> records)
    {
        var sorted = records.ToArray();
        Array.Sort(sorted, static (left, right) => left.Id.CompareTo(right.Id));
        return sorted;
    }

    private static ReadOnlySpan<byte> Read(IndexView view, int node, float[] vector)
    {
        if (node < 0) return default;
        view.Nodes.Graph.Read(node, vector);
        return MemoryMarshal.AsBytes(vector.AsSpan());
    }
}
