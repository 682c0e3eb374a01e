using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Index.Memories;

namespace MemoryAspire.Index.Comparing;

/// <summary>
/// Count and digest of each partition at its last positions, so that it can be compared as of a moment that has passed. Nine
/// bytes per position: they follow each other, and a count differs from the next one by one at most. Not thread-safe.
/// </summary>
internal sealed class PartitionHistory
{
    /// <summary>Positions remembered per partition.</summary>
    public const int PositionsMax = 4_096;

    private const int PositionsMin = 16;

    private readonly Ring?[] _rings = new Ring?[Partition.Count];

    /// <summary>An event was applied. One that does not follow on the last makes a new beginning.</summary>
    public void Record(Partition partition, in PartitionState before, in PartitionState after)
    {
        var ring = _rings[partition.Value] ??= new Ring();
        var step = after.Count - before.Count;
        if (ring.Last != before.Applied || after.Applied != before.Applied.Next || step is < -1 or > 1) ring.Begin(before);
        ring.Add(after.Applied, after.Digest, (sbyte)step, isNext: after.Applied == before.Applied.Next && step is >= -1 and <= 1);
    }

    /// <summary>What is there was changed without an event: what was before is of no use.</summary>
    public void Forget(Partition partition) => _rings[partition.Value] = null;

    /// <summary>The state at a position up to the present one; null when it is not remembered.</summary>
    public PartitionState? At(Partition partition, Position position, in PartitionState present) =>
        position == present.Applied ? present : _rings[partition.Value] is { } ring && ring.Last == present.Applied ? ring.At(position, present.Count) : null;

    private sealed class Ring
    {
        private ulong[] _digests = new ulong[PositionsMin];
        private sbyte[] _steps = new sbyte[PositionsMin];
        private int _count;

        public Position Last { get; private set; }

        public void Begin(in PartitionState state)
        {
            _count = 0;
            Add(state.Applied, state.Digest, 0, isNext: true);
        }

        public void Add(Position position, ulong digest, sbyte step, bool isNext)
        {
            if (!isNext) _count = 0;
            if (_count >= _digests.Length && _digests.Length < PositionsMax) Grow();
            Last = position;
            var at = Slot(position);
            _digests[at] = digest;
            _steps[at] = step;
            _count = Math.Min(_count + 1, _digests.Length);
        }

        public PartitionState? At(Position position, long count)
        {
            if (position > Last || position.Value <= Last.Value - _count) return null;
            for (var later = Last.Value; later > position.Value; later--) count -= _steps[Slot(new Position(later))];
            return new PartitionState(position, count, _digests[Slot(position)]);
        }

        private int Slot(Position position) => (int)(position.Value & (_digests.Length - 1));

        private void Grow()
        {
            var (digests, steps) = (_digests, _steps);
            _digests = new ulong[digests.Length * 2];
            _steps = new sbyte[digests.Length * 2];
            for (var position = Last.Value; position > Last.Value - _count; position--)
            {
                var from = (int)(position & (digests.Length - 1));
                (_digests[Slot(new Position(position))], _steps[Slot(new Position(position))]) = (digests[from], steps[from]);
            }
        }
    }
}
