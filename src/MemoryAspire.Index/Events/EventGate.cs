using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;

namespace MemoryAspire.Index.Events;

/// <summary>
/// Lets each partition's events through in order of position: late ones are dropped, early ones wait until the
/// gap before them is filled. What waits is bounded; beyond that the latest are dropped, and the log brings
/// them. Not thread-safe: it belongs to the writer.
/// </summary>
internal sealed class EventGate(int earlyMax)
{
    private readonly SortedList<long, IndexEvent>?[] _early = new SortedList<long, IndexEvent>?[Partition.Count];

    /// <summary>The events that follow on <paramref name="applied"/> without a gap, in order.</summary>
    public List<IndexEvent> Pass(IEnumerable<IndexEvent> events, Func<Partition, Position> applied)
    {
        var touched = new SortedSet<byte>();
        var ready = new List<IndexEvent>();
        var next = new Dictionary<byte, long>();
        foreach (var @event in events)
        {
            var partition = @event.Partition.Value;
            if (!next.TryGetValue(partition, out var expected)) expected = applied(@event.Partition).Next.Value;
            if (@event.Position.Value == expected)
            {
                ready.Add(@event);
                expected = checked(expected + 1);
            }
            else if (@event.Position.Value > expected)
            {
                Keep(partition, @event);
            }

            next[partition] = expected;
            touched.Add(partition);
        }

        foreach (var partition in touched) Follow(partition, next[partition], ready);
        return ready;
    }

    private void Keep(byte partition, IndexEvent @event)
    {
        var early = _early[partition] ??= [];
        early[@event.Position.Value] = @event;
        if (early.Count > earlyMax) early.RemoveAt(earlyMax);
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
