namespace MemoryAspire.Index.Reservations;

/// <summary>
/// Room that coordinators hold in advance, so that they need not ask for every vector: counted per holder until the
/// vectors come or the time is over. Not thread-safe.
/// </summary>
internal sealed class PlaceLeases
{
    /// <summary>A coordinator counts on a lease for <see cref="VectorReservations.Life"/>, and its write may take as long again.</summary>
    private static readonly TimeSpan Life = 2 * VectorReservations.Life;

    private readonly Queue<Lease> _byAge = [];

    private sealed class Lease(Guid holder, int places, long takenAt)
    {
        public Guid Holder { get; } = holder;

        public int Places { get; set; } = places;

        public long TakenAt { get; } = takenAt;
    }

    /// <summary>Vectors that room is kept for.</summary>
    public int Room { get; private set; }

    public void Add(Guid holder, int places, TimeProvider time)
    {
        DropOld(time);
        if (places <= 0) return;
        _byAge.Enqueue(new Lease(holder, places, time.GetTimestamp()));
        Room += places;
    }

    /// <summary>Takes places of a holder's, the oldest first; false when it does not hold so many.</summary>
    public bool TryDraw(Guid holder, int places, TimeProvider time)
    {
        DropOld(time);
        var own = _byAge.Where(lease => lease.Holder == holder).ToList();
        if (own.Sum(lease => lease.Places) < places) return false;
        Room -= places;
        foreach (var lease in own)
        {
            var drawn = Math.Min(lease.Places, places);
            lease.Places -= drawn;
            places -= drawn;
        }

        return true;
    }

    public void DropOld(TimeProvider time)
    {
        while (_byAge.TryPeek(out var oldest) && (oldest.Places == 0 || time.GetElapsedTime(oldest.TakenAt) >= Life))
        {
            Room -= _byAge.Dequeue().Places;
        }
    }
}
