using System.Runtime.InteropServices;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Faiss;
using MemoryAspire.Index.Comparing;
using MemoryAspire.Index.Events;
using MemoryAspire.Index.Memories;

namespace MemoryAspire.Index.Segments;

/// <content>Comparing with the source of truth, and repairing single records.</content>
internal sealed partial class IndexContents
{
    private readonly PartitionHistory _history = new();

    /// <summary>Count and digest of a partition at a position, if it is the present one or remembered. Needs no writer's turn.</summary>
    public (HistoryState State, PartitionState At) At(Partition partition, Position position)
    {
        lock (_lock)
        {
            var present = _partitions[partition.Value];
            if (position > present.Applied) return (HistoryState.Behind, default);
            return _history.At(partition, position, present) is { } state ? (HistoryState.Known, state) : (HistoryState.Gone, default);
        }
    }

    /// <summary>All memories of some partitions with what their digests are made of, where wanted. For the writer.</summary>
    public Dictionary<Partition, List<(ComparedRecord Record, IndexedDigest Fields, int Node)>> Collect(IReadOnlySet<Partition> partitions, bool withFields)
    {
        var collected = partitions.ToDictionary(partition => partition, _ => new List<(ComparedRecord, IndexedDigest, int)>());
        foreach (var (id, memory) in _memories)
        {
            if (!collected.TryGetValue(id.Partition, out var records)) continue;
            records.Add((new ComparedRecord(id, memory.Version, memory.Digest), withFields ? FieldsOf(id, memory) : default, memory.Node));
        }

        return collected;
    }

    /// <summary>
    /// What each target's record is, compared with it; and, unless only compared, those that differ are replaced, whatever their
    /// versions. All of it is seen in one step, but for what fills the graph. For the writer, who knows that the partition is at
    /// the position of the repair.
    /// </summary>
    /// <exception cref="CapacityExceededException">The index is full; nothing was changed.</exception>
    public IReadOnlyList<RecordState> Repair(RecordRepair repair, Func<bool> makeRoom)
    {
        var states = repair.Targets.Select(StateOf).ToList();
        if (repair.CompareOnly) return states;
        var wrong = repair.Targets.Where((_, number) => states[number] != RecordState.Right).Select(target => target with { Position = repair.At, Transaction = Guid.Empty }).ToList();
        if (wrong.Count == 0) return states;
        if (!new VectorRoom(_memories, _view.Live, _capacityMax).TryTake(CollectionsMarshal.AsSpan(wrong), isPromised: false)) throw new CapacityExceededException(Promises.Full);
        var nodes = new int[wrong.Count];
        if (!TryGiveNodes(wrong, nodes, 0, wrong.Count) && (!makeRoom() || !TryGiveNodes(wrong, nodes, 0, wrong.Count)))
        {
            throw new CapacityExceededException("The graph is full, and nothing in it is dead.");
        }

        Publish(wrong, nodes, 0, wrong.Count);
        lock (_lock) _history.Forget(repair.Partition);
        return states;
    }

    private RecordState StateOf(IndexEvent target)
    {
        var held = _memories.TryGetValue(target.Id, out var memory);
        if (target.State is not { } state) return held ? RecordState.Orphan : RecordState.Right;
        if (!held) return RecordState.Missing;
        if (memory.Version != target.Version) return RecordState.Stale;
        var wanted = new IndexedDigest(
            target.Id, target.Version, state.Digest, state.Tenant, state.Scope, state.Kind, state.Importance, state.CreatedAt, state.UpdatedAt, state.ExpiresAt);
        return FieldsOf(target.Id, memory).With(VectorOf(memory.Node)) == wanted.With(state.Vector.Span) ? RecordState.Right : RecordState.Changed;
    }

    private byte[] VectorOf(int node)
    {
        if (node < 0) return [];
        var vector = new float[Identity.Dimension];
        _view.Nodes.Graph.Read(node, vector);
        return MemoryMarshal.AsBytes(vector.AsSpan()).ToArray();
    }

    private IndexedDigest FieldsOf(MemoryId id, in IndexedMemory memory) => new(
        id,
        memory.Version,
        memory.Digest,
        Texts.Text(memory.Tenant) ?? "",
        new Scope(Texts.Text(memory.User), Texts.Text(memory.Agent), Texts.Text(memory.Session)),
        (MemoryKind)memory.Kind,
        memory.Importance,
        memory.CreatedAt,
        memory.UpdatedAt,
        memory.ExpiresAt == long.MaxValue ? null : memory.ExpiresAt);
}
