using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;

namespace MemoryAspire.Index.Events;

/// <summary>
/// Lets each partition's events through in order of position: late ones are dropped, early ones wait until the
/// gap before them is filled. What waits is bounded; beyond that the latest are dropped, and the log brings
/// them. A transaction's events in a partition come together, and pass, wait or are dropped together. Not thread-safe: it
/// belongs to the writer.
/// </summary>
internal sealed class EventGate(int earlyMax)
{
    private readonly SortedList<long, IndexEvent>?[] _early = new SortedList<long, IndexEvent>?[Partition.Count];

    /// <summary>The events that follow on <paramref name="applied"/> without a gap, by partition and position.</summary>
    public List<IndexEvent> Pass(IEnumerable<IndexEvent> events, Func<Partition, Position> applied)
    {
        var ready = new List<IndexEvent>();
        foreach (var partition in events.GroupBy(@event => @event.Partition).OrderBy(group => group.Key))
        {
            var expected = applied(partition.Key).Next.Value;
            foreach (var @event in partition.OrderBy(@event => @event.Position))
            {
                if (@event.Position.Value > expected) Keep(@event);
                if (@event.Position.Value != expected) continue;
                ready.Add(@event);
                expected = checked(expected + 1);
            }

            Follow(partition.Key.Value, expected, ready);
            Bound(partition.Key.Value);
        }

        return ready;
    }

    private void Keep(IndexEvent @event)
    {
        var early = _early[@event.Partition.Value] ??= [];
        early[@event.Position.Value] = @event;
    }

    /// <summary>Drops the latest transactions while too much waits.</summary>
    private void Bound(byte partition)
    {
        if (_early[partition] is not { } early) return;
        while (early.Count > earlyMax)
        {
            var last = early.GetValueAtIndex(early.Count - 1);
            do early.RemoveAt(early.Count - 1);
            while (early.Count > 0 && early.GetValueAtIndex(early.Count - 1).BelongsWith(last));
        }
    }

    private void Follow(byte partition, long next, List<IndexEvent> ready)
    {
        if (_early[partition] is not { Count: > 0 } early) return;
        while (early.Count > 0)
        {
            var position = early.GetKeyAtIndex(0);
            if (position > next) return;
            var @event = early.GetValueAtIndex(0);
            early.RemoveAt(0);
            if (position < next) continue;
            ready.Add(@event);
            next++;
        }
    }
}
