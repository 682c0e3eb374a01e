using MemoryAspire.Contracts.Identity;
using MemoryAspire.Index.Events;
using MemoryAspire.Index.Memories;

namespace MemoryAspire.Index.Segments;

/// <summary>Counts vectors ahead of applying events, so that what does not fit is refused before it is half done.</summary>
internal sealed class VectorRoom(IReadOnlyDictionary<MemoryId, IndexedMemory> memories, int live, int max)
{
    private readonly Dictionary<MemoryId, bool> _changed = [];
    private int _live = live;

    /// <summary>False when events that become visible in one step would leave more vectors than there may be; nothing can be taken after that.</summary>
    /// <param name="isPromised">They were voted yes for: their room was counted then.</param>
    public bool TryTake(ReadOnlySpan<IndexEvent> step, bool isPromised)
    {
        var more = 0;
        foreach (var @event in step)
        {
            if (!_changed.TryGetValue(@event.Id, out var had)) had = memories.TryGetValue(@event.Id, out var memory) && memory.Row >= 0;
            var has = @event.State is { Vector.IsEmpty: false };
            more += (has ? 1 : 0) - (had ? 1 : 0);
            _changed[@event.Id] = has;
        }

        _live += more;
        return isPromised || more <= 0 || _live <= max;
    }
}
