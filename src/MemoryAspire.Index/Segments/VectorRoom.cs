using MemoryAspire.Contracts.Identity;
using MemoryAspire.Index.Memories;

namespace MemoryAspire.Index.Segments;

/// <summary>Counts vectors ahead of applying events, so that what does not fit is refused before it is half done.</summary>
internal sealed class VectorRoom(IReadOnlyDictionary<MemoryId, IndexedMemory> memories, int live, int max)
{
    private readonly Dictionary<MemoryId, bool> _changed = [];
    private int _live = live;

    /// <summary>False when the memory's vector would be one too many.</summary>
    public bool TryTake(MemoryId id, bool vector)
    {
        if (!_changed.TryGetValue(id, out var had)) had = memories.TryGetValue(id, out var memory) && memory.Row >= 0;
        var live = _live + (vector ? 1 : 0) - (had ? 1 : 0);
        if (vector && live > max) return false;
        _changed[id] = vector;
        _live = live;
        return true;
    }
}
