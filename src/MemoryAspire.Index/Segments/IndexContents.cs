using System.Runtime.InteropServices;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Faiss;
using MemoryAspire.Faiss.Graphs;
using MemoryAspire.Index.Events;
using MemoryAspire.Index.Memories;
using MemoryAspire.Index.Reservations;
using MemoryAspire.Index.Searching;

namespace MemoryAspire.Index.Segments;

/// <summary>
/// Everything an index holds for one identity. One writer at a time changes it; what others read beside the
/// writer is behind a short lock, or in the view, which needs none.
/// </summary>
internal sealed partial class IndexContents
{
    private readonly Lock _lock = new();
    private readonly Dictionary<MemoryId, IndexedMemory> _memories;
    private readonly PartitionState[] _partitions;
    private readonly EventGate _gate;
    private readonly int _capacityMax;
    private IndexView _view;
    private volatile bool _closed;

    public IndexContents(IndexIdentity identity, IndexOptions options)
        : this(identity, options, new NodeTable(ShapeOf(identity, options, 0), SeedOf(identity)), new TextNumbers(), [], new PartitionState[Partition.Count])
    {
    }

    /// <summary>What was read from a file: the memories' nodes are set, their rows are made here.</summary>
    public IndexContents(
        IndexIdentity identity,
        IndexOptions options,
        NodeTable nodes,
        TextNumbers texts,
        Dictionary<MemoryId, IndexedMemory> memories,
        PartitionState[] partitions)
    {
        Identity = identity;
        Costs = DistanceCosts.Of(identity.Dimension);
        Texts = texts;
        _memories = memories;
        _partitions = partitions;
        _capacityMax = options.CapacityMax;
        _gate = new EventGate(options.EarlyEventsMax);
        Promises = new RoomPromises(_lock, memories, () => View.Live, identity.Dimension, options.CapacityMax);
        foreach (var memory in memories.Values.Where(memory => memory.Node >= 0)) nodes.Use(memory.Node);
        _view = new IndexView(nodes, 0);
        FillRows(_view);
        nodes.GiveBack();
    }

    public IndexIdentity Identity { get; }

    /// <summary>What distances cost on this machine.</summary>
    public DistanceCosts Costs { get; }

    public TextNumbers Texts { get; }

    public PositionWaiters Waiters { get; } = new();

    /// <summary>What was promised to transactions that are about to be committed. Needs no writer's turn.</summary>
    public RoomPromises Promises { get; }

    /// <summary>Grows with everything that changes what a snapshot would hold.</summary>
    public long Changes { get; private set; }

    /// <summary>What nodes and searches use; only the writer replaces it.</summary>
    public IndexView View => Volatile.Read(ref _view);

    /// <summary>
    /// The shape of a graph for an identity: a part of the address space is for nodes that are dead but not yet
    /// left behind.
    /// </summary>
    public static GraphShape ShapeOf(IndexIdentity identity, IndexOptions options, int nodes) => new(
        identity.Dimension,
        Math.Max(checked(options.CapacityMax + (options.CapacityMax / 2) + 1_024), nodes),
        options.Links,
        Math.Max(options.BuildBreadth, options.Links));

    /// <summary>Graphs of one identity are the same wherever they are built from the same vectors.</summary>
    public static long SeedOf(IndexIdentity identity) => identity.Generation;

    /// <summary>The view, to be given back after use.</summary>
    /// <exception cref="IndexIdentityException">These contents were dropped.</exception>
    public IndexView TakeView()
    {
        while (!_closed)
        {
            // It fails only when the view was replaced just now.
            var view = View;
            if (view.TryTake()) return view;
        }

        throw new IndexIdentityException("The index has been begun anew.");
    }

    /// <summary>The view, to be given back after use, and where some memories are in it.</summary>
    /// <exception cref="IndexIdentityException">These contents were dropped.</exception>
    public IndexView TakeView(IReadOnlyList<MemoryId> ids, out NamedRows named)
    {
        while (!_closed)
        {
            // Rows belong to one view: neither may change between the two looks.
            lock (_lock)
            {
                if (!_view.TryTake()) continue;
                var rows = new List<int>(ids.Count);
                var unknown = new List<MemoryId>();
                foreach (var id in ids)
                {
                    if (!_memories.TryGetValue(id, out var memory)) unknown.Add(id);
                    else if (memory.Row >= 0) rows.Add(memory.Row);
                }

                named = new NamedRows([.. rows], unknown, _view.Snapshot);
                return _view;
            }
        }

        throw new IndexIdentityException("The index has been begun anew.");
    }

    public Position Applied(Partition partition)
    {
        lock (_lock) return _partitions[partition.Value].Applied;
    }

    /// <summary>How far the partitions of a scope have come; those without events are left out.</summary>
    public IReadOnlyList<KeyValuePair<Partition, Position>> Seen(string tenant, Scope scope)
    {
        if (scope.User is { } user)
        {
            var own = Partition.Of(tenant, user);
            return Applied(own) is var applied && applied > Position.None ? [KeyValuePair.Create(own, applied)] : [];
        }

        lock (_lock)
        {
            return [.. Partition.All.Select(partition => KeyValuePair.Create(partition, _partitions[partition.Value].Applied)).Where(pair => pair.Value > Position.None)];
        }
    }

    public (PartitionState[] Partitions, int Memories, int Vectors) Status()
    {
        lock (_lock) return ([.. _partitions], _memories.Count, _view.Live);
    }

    public IndexedMemory? Find(MemoryId id)
    {
        lock (_lock) return _memories.TryGetValue(id, out var memory) ? memory : null;
    }

    /// <summary>
    /// Applies what follows on each partition's position; the rest waits or is ignored. All that is applied is
    /// seen in one step, but for what fills the graph; a transaction's events in a partition are so always.
    /// </summary>
    /// <exception cref="CapacityExceededException">What came before the first transaction that does not fit is applied.</exception>
    public void Apply(IReadOnlyList<IndexEvent> events, Func<bool> makeRoom)
    {
        var ready = _gate.Pass(events, partition => _partitions[partition.Value].Applied);
        var room = new VectorRoom(_memories, _view.Live, _capacityMax);
        var nodes = new int[ready.Count];
        var published = 0;
        for (int from = 0, to; from < ready.Count; from = to)
        {
            to = from + 1;
            while (to < ready.Count && ready[to].BelongsWith(ready[from])) to++;
            if (!room.TryTake(CollectionsMarshal.AsSpan(ready)[from..to], Promises.Cover(ready[from])))
            {
                Publish(ready, nodes, published, from);
                throw new CapacityExceededException(Promises.Full);
            }

            if (TryGiveNodes(ready, nodes, from, to)) continue;

            // Making room gives nodes new numbers: what has them goes first, and this transaction gets new ones.
            Publish(ready, nodes, published, from);
            published = from;
            if (!makeRoom() || !TryGiveNodes(ready, nodes, from, to)) throw new CapacityExceededException("The graph is full, and nothing in it is dead.");
        }

        Publish(ready, nodes, published, ready.Count);
    }

    /// <summary>False when the graph is full first.</summary>
    private bool TryGiveNodes(List<IndexEvent> events, int[] nodes, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            var vector = events[i].State is { Vector.IsEmpty: false } state ? MemoryMarshal.Cast<byte, float>(state.Vector.Span) : default;
            if (!vector.IsEmpty && _view.Nodes.IsFull && !_view.Nodes.TryFind(vector, out _)) return false;
            nodes[i] = vector.IsEmpty ? IndexedMemory.None : _view.Nodes.FindOrAdd(vector);
        }

        return true;
    }

    private void Publish(List<IndexEvent> events, int[] nodes, int from, int to)
    {
        if (from == to) return;
        var touched = new HashSet<Partition>();
        lock (_lock)
        {
            var born = _view.Snapshot + 1;
            for (var i = from; i < to; i++)
            {
                Put(events[i], nodes[i], born);
                Promises.Fulfil(events[i]);
                touched.Add(events[i].Partition);
            }

            _view.Snapshot = born;
            Changes += to - from;
        }

        foreach (var partition in touched) Waiters.Signal(partition, _partitions[partition.Value].Applied);
    }

    private void Put(IndexEvent @event, int node, ulong born)
    {
        var (_, count, digest) = _partitions[@event.Partition.Value];
        if (_memories.Remove(@event.Id, out var old))
        {
            count--;
            digest ^= old.Digest;
            if (old.Row >= 0)
            {
                _view.End(old.Row, born);
                _view.Nodes.Release(old.Node);
            }
        }

        if (@event.State is { } state)
        {
            var memory = Describe(@event.Version, state, node);
            if (node >= 0)
            {
                _view.Nodes.Use(node);
                memory.Row = _view.Add(@event.Id.Value, memory, born);
            }

            _memories.Add(@event.Id, memory);
            count++;
            digest ^= state.Digest;
        }

        var after = new PartitionState(@event.Position, count, digest);
        _history.Record(@event.Partition, _partitions[@event.Partition.Value], after);
        _partitions[@event.Partition.Value] = after;
    }

    private IndexedMemory Describe(long version, IndexedState state, int node) => new()
    {
        Version = version,
        Digest = state.Digest,
        Tenant = Texts.Give(state.Tenant),
        User = Texts.Give(state.Scope.User),
        Agent = Texts.Give(state.Scope.Agent),
        Session = Texts.Give(state.Scope.Session),
        Kind = (byte)state.Kind,
        Importance = state.Importance,
        CreatedAt = state.CreatedAt,
        UpdatedAt = state.UpdatedAt,
        ExpiresAt = state.ExpiresAt ?? long.MaxValue,
        Node = node,
        Row = IndexedMemory.None,
    };

    /// <summary>All memories. For the writer.</summary>
    public KeyValuePair<MemoryId, IndexedMemory>[] AllMemories() => [.. _memories];

    /// <summary>
    /// Begins a view without ended rows: over the same graph, or over another whose node is
    /// <paramref name="moved"/> of the old one. For the writer.
    /// </summary>
    public void Replace(NodeTable nodes, IReadOnlyDictionary<int, int>? moved)
    {
        var old = _view;
        lock (_lock)
        {
            if (moved is not null) Move(nodes, moved);
            var view = new IndexView(nodes, old.Snapshot);
            FillRows(view);
            Volatile.Write(ref _view, view);
        }

        old.GiveBack();
    }

    /// <summary>Frees what is native once the last search is done, and sends away who waits.</summary>
    public void Close()
    {
        _closed = true;
        Waiters.Close();
        _view.GiveBack();
    }

    private void Move(NodeTable nodes, IReadOnlyDictionary<int, int> moved)
    {
        foreach (var id in _memories.Keys.ToArray())
        {
            ref var memory = ref CollectionsMarshal.GetValueRefOrNullRef(_memories, id);
            if (memory.Node < 0) continue;
            memory.Node = moved[memory.Node];
            nodes.Use(memory.Node);
        }
    }

    private void FillRows(IndexView view)
    {
        foreach (var id in _memories.Keys.ToArray())
        {
            ref var memory = ref CollectionsMarshal.GetValueRefOrNullRef(_memories, id);
            memory.Row = memory.Node < 0 ? IndexedMemory.None : view.Add(id.Value, memory, view.Snapshot);
        }
    }
}
