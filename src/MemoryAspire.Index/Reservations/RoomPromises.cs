using MemoryAspire.Contracts.Identity;
using MemoryAspire.Index.Events;
using MemoryAspire.Index.Memories;

namespace MemoryAspire.Index.Reservations;

/// <summary>
/// Votes on transactions that are about to be committed, and keeps the room that was promised. For anybody: it shares the
/// short lock under which the writer shows what it did, so that a vector is always counted as promised or as there.
/// </summary>
/// <param name="memories">What there is; read under the lock.</param>
/// <param name="live">How many vectors there are; read under the lock.</param>
internal sealed class RoomPromises(Lock gate, IReadOnlyDictionary<MemoryId, IndexedMemory> memories, Func<int> live, int dimension, int capacityMax)
{
    /// <summary>The part of what is free that one lease may take: others need room as well.</summary>
    private const int LeaseShare = 16;

    private readonly VectorReservations _reservations = new();
    private readonly PlaceLeases _leases = new();

    /// <summary>Why there is no room.</summary>
    public string Full => $"The index holds {capacityMax} vectors or has promised their places, which is its capacity.";

    /// <summary>Votes in the transactions' order: null is yes, and room is kept; else the reason.</summary>
    public IReadOnlyList<string?> Prepare(IReadOnlyList<VectorProposal> proposals, TimeProvider time)
    {
        var problems = proposals.Select(proposal => proposal.Problem(dimension)).ToList();
        lock (gate) return [.. proposals.Zip(problems, (proposal, problem) => problem ?? (TryKeep(proposal, time) ? null : Full))];
    }

    /// <summary>Keeps room for vectors that a holder may bring without asking; how many, of those it wants.</summary>
    public int Lease(Guid holder, int wanted, TimeProvider time)
    {
        lock (gate)
        {
            _leases.DropOld(time);
            var granted = Math.Clamp((capacityMax - live() - _leases.Room - _reservations.Room) / LeaseShare, 0, wanted);
            _leases.Add(holder, granted, time);
            return granted;
        }
    }

    /// <summary>Gives up what is kept for transactions.</summary>
    public void Abort(IEnumerable<Guid> transactions)
    {
        lock (gate)
        {
            foreach (var transaction in transactions) _reservations.GiveUp(transaction);
        }
    }

    /// <summary>
    /// Tells all the events of decided transactions. What is kept for them in other partitions is given up; those that
    /// nothing is kept for draw on what their holder has leased.
    /// </summary>
    public void Settle(IEnumerable<Guid> transactions, IReadOnlyList<IndexEvent> events, Guid? holder, TimeProvider time)
    {
        var settled = transactions.ToHashSet();
        var own = events.Where(@event => settled.Contains(@event.Transaction)).ToLookup(@event => @event.Transaction);
        lock (gate)
        {
            foreach (var transaction in settled)
            {
                if (_reservations.Has(transaction)) _reservations.Restrict(transaction, own[transaction].Select(@event => @event.Partition).ToHashSet());
                else if (holder is { } leaseholder) Draw(leaseholder, transaction, own[transaction], time);
            }
        }
    }

    /// <summary>Whether an event was voted yes for.</summary>
    public bool Cover(IndexEvent @event)
    {
        lock (gate) return _reservations.IsPromised(@event.Transaction, @event.Partition);
    }

    /// <summary>An event is there: with the others of its transaction in its partition. Needs the lock.</summary>
    public void Fulfil(IndexEvent @event) => _reservations.Use(@event.Transaction, @event.Partition);

    private bool TryKeep(VectorProposal proposal, TimeProvider time)
    {
        _leases.DropOld(time);
        var vectors = More(proposal.Vectors.Select(proposed => (proposed.Id, HasVector: !proposed.Vector.IsEmpty)));
        return _reservations.TryKeep(proposal.Transaction, vectors, capacityMax - live() - _leases.Room, time);
    }

    private void Draw(Guid holder, Guid transaction, IEnumerable<IndexEvent> events, TimeProvider time)
    {
        var vectors = More(events.Select(@event => (@event.Id, HasVector: @event.State is { Vector.IsEmpty: false })));
        var places = Math.Max(0, vectors.Values.Sum());
        if (places > 0 && _leases.TryDraw(holder, places, time)) _reservations.TryKeep(transaction, vectors, int.MaxValue, time);
    }

    /// <summary>By partition: how many more vectors there will be, or fewer, once memories are as their last entry says.</summary>
    private Dictionary<Partition, int> More(IEnumerable<(MemoryId Id, bool HasVector)> entries)
    {
        var vectors = new Dictionary<Partition, int>();
        foreach (var (id, hasVector) in entries.GroupBy(entry => entry.Id).Select(group => group.Last()))
        {
            var had = memories.TryGetValue(id, out var memory) && memory.Row >= 0;
            vectors[id.Partition] = vectors.GetValueOrDefault(id.Partition) + (hasVector ? 1 : 0) - (had ? 1 : 0);
        }

        return vectors;
    }
}
