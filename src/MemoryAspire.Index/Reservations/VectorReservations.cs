using MemoryAspire.Contracts.Identity;

namespace MemoryAspire.Index.Reservations;

/// <summary>
/// Room that is kept for transactions which were voted yes for: counted per transaction and partition until their events
/// are applied there, by whichever path they come, or the time is over. Not thread-safe.
/// </summary>
internal sealed class VectorReservations
{
    /// <summary>
    /// How long room is kept that nobody uses or gives up: longer than a write may take, see the intents in
    /// docs/redis-format.md, which last as long for the same reason.
    /// </summary>
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(30);

    private readonly Dictionary<Guid, Reservation> _reservations = [];
    private readonly Queue<(Guid Transaction, Reservation Reservation, long MadeAt)> _byAge = [];

    private sealed record Reservation(Dictionary<Partition, int> Vectors)
    {
        /// <summary>Vectors that are still to come, less those that are still to go.</summary>
        public int Room => Math.Max(0, Vectors.Values.Sum());
    }

    /// <summary>Vectors that room is kept for.</summary>
    public int Room { get; private set; }

    /// <summary>Keeps room for a transaction in place of what was kept for it; false when there are not so many places.</summary>
    /// <param name="vectors">By partition: how many more vectors there will be, or fewer.</param>
    /// <param name="places">How many vectors there may be beside those that are there.</param>
    public bool TryKeep(Guid transaction, Dictionary<Partition, int> vectors, int places, TimeProvider time)
    {
        DropOld(time);
        GiveUp(transaction);
        var reservation = new Reservation(vectors);
        if (reservation.Room > 0 && Room + reservation.Room > places) return false;
        _reservations.Add(transaction, reservation);
        _byAge.Enqueue((transaction, reservation, time.GetTimestamp()));
        Room += reservation.Room;
        return true;
    }

    public bool Has(Guid transaction) => _reservations.ContainsKey(transaction);

    /// <summary>Whether room is kept for a transaction in a partition.</summary>
    public bool IsPromised(Guid transaction, Partition partition) =>
        _reservations.TryGetValue(transaction, out var reservation) && reservation.Vectors.ContainsKey(partition);

    /// <summary>A transaction's events in a partition are applied, or there are none.</summary>
    public void Use(Guid transaction, Partition partition)
    {
        if (!_reservations.TryGetValue(transaction, out var reservation)) return;
        Room -= reservation.Room;
        reservation.Vectors.Remove(partition);
        Room += reservation.Room;
        if (reservation.Vectors.Count == 0) _reservations.Remove(transaction);
    }

    /// <summary>Gives up what is kept for a transaction in other partitions than these.</summary>
    public void Restrict(Guid transaction, IReadOnlySet<Partition> partitions)
    {
        if (!_reservations.TryGetValue(transaction, out var reservation)) return;
        foreach (var partition in reservation.Vectors.Keys.Except(partitions).ToList()) Use(transaction, partition);
    }

    public void GiveUp(Guid transaction)
    {
        if (_reservations.Remove(transaction, out var reservation)) Room -= reservation.Room;
    }

    private void DropOld(TimeProvider time)
    {
        while (_byAge.TryPeek(out var oldest) && time.GetElapsedTime(oldest.MadeAt) >= Life)
        {
            _byAge.Dequeue();
            if (_reservations.TryGetValue(oldest.Transaction, out var present) && ReferenceEquals(present, oldest.Reservation)) GiveUp(oldest.Transaction);
        }
    }
}
