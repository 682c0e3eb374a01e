using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Postgres.Log;

namespace MemoryAspire.Api.Changes;

/// <summary>
/// Where a reader is in the logs of its partitions, and what it is to read next. It goes in rounds: everything up to
/// heads that were read once, partition by partition. Heads are where transactions end, so that what one wrote to a
/// partition is never interrupted by other partitions. Pure.
/// </summary>
/// <param name="token">What the reader has had.</param>
/// <param name="partitions">Those that can hold what it wants, ascending.</param>
internal sealed class FeedCursor(ConsistencyToken token, IReadOnlyList<Partition> partitions)
{
    private LogHeads? _round;

    /// <summary>Everything up to it has been passed: what resumes after it gets exactly the rest.</summary>
    public ConsistencyToken Token { get; private set; } = token;

    /// <summary>False when the token cannot have come from the log that has these heads.</summary>
    public bool Fits(LogHeads heads) =>
        heads.Incarnation == Token.Incarnation && Token.Positions.All(seen => seen.Value <= heads[seen.Key]);

    /// <summary>Begins a round; the one before must be done.</summary>
    public void Begin(LogHeads heads) => _round = heads;

    /// <summary>What comes next in this round, so many positions at most; nothing when it is done.</summary>
    public IReadOnlyList<LogRange> Next(long count)
    {
        var ranges = new List<LogRange>();
        if (_round is null) return ranges;
        foreach (var partition in partitions)
        {
            var after = Token[partition];
            var behind = Math.Min(_round[partition].Value - after.Value, count);
            if (behind <= 0) continue;
            ranges.Add(new LogRange(partition, after, new Position(after.Value + behind)));
            count -= behind;
        }

        return ranges;
    }

    /// <summary>Passes an event, and with it all that comes before it in the ranges it was read from.</summary>
    public void Pass(IReadOnlyList<LogRange> ranges, MemoryEvent @event) => Token = Token.Seeing(
    [
        .. ranges.TakeWhile(range => range.Partition < @event.Partition).Select(range => KeyValuePair.Create(range.Partition, range.UpTo)),
        KeyValuePair.Create(@event.Partition, @event.Position),
    ]);

    /// <summary>Passes ranges to their ends.</summary>
    public void Pass(IReadOnlyList<LogRange> ranges) =>
        Token = Token.Seeing(ranges.Select(range => KeyValuePair.Create(range.Partition, range.UpTo)));
}
