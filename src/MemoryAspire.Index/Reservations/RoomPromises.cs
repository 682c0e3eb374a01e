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
    private readonly VectorReservations _reservations = new();

    /// <summary>Why there is no room.</summary>
    public string Full => $"The index holds {capacityMax} vectors or has promised their places, which is its capacity.";

    /// <summary>Votes in the transactions' order: null is yes, and room is kept; else the reason.</summary>
    public IReadOnlyList<string?> Prepare(IReadOnlyList<VectorProposal> proposals, TimeProvider time)
    {
        var problems = proposals.Select(proposal => proposal.Problem(dimension)).ToList();
        lock (gate) return [.. proposals.Zip(problems, (proposal, problem) => problem ?? (TryKeep(proposal, time) ? null : Full))];
    }

    /// <summary>Gives up what is kept for transactions.</summary>
    public void Abort(IEnumerable<Guid> transactions)
    {
        lock (gate)
        {
            foreach (var transaction in transactions) _reservations.GiveUp(transaction);
        }
    }

    /// <summary>Gives up what is kept for transactions in partitions where they have no events.</summary>
    public void Settle(IEnumerable<Guid> transactions, IReadOnlyList<IndexEvent> events)
    {
        var partitions = events.ToLookup(@event => @event.Transaction, @event => @event.Partition);
        lock (gate)
        {
            foreach (var transaction in transactions) _reservations.Restrict(transaction, partitions[transaction].ToHashSet());
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
        var vectors = new Dictionary<Partition, int>();
        foreach (var proposed in proposal.Vectors.GroupBy(proposed => proposed.Id).Select(group => group.Last()))
        {
            var had = memories.TryGetValue(proposed.Id, out var memory) && memory.Row >= 0;
            var more = (proposed.Vector.IsEmpty ? 0 : 1) - (had ? 1 : 0);
            vectors[proposed.Id.Partition] = vectors.GetValueOrDefault(proposed.Id.Partition) + more;
        }

        return _reservations.TryKeep(proposal.Transaction, vectors, capacityMax - live(), time);
    }
}
