using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Contracts.Positions;

namespace MemoryAspire.Contracts.Events;

/// <summary>What happened to a memory.</summary>
public enum EventType
{
    Created = 0,
    Updated = 1,
    Deleted = 2,
    Expired = 3,
}

/// <summary>Why the state of an event is gone, though the memory had one.</summary>
public enum Redaction
{
    /// <summary>On demand, together with everything else that the memory ever was.</summary>
    Erased = 0,

    /// <summary>By retention: it was not the present state for long.</summary>
    Compacted = 1,
}

/// <summary>One entry of a partition's log: the state a memory has from this position on.</summary>
/// <param name="State">The memory's exact state; null after deleted and expired, and where it was redacted.</param>
/// <param name="At">Taken under the partition's lock: never runs backwards within it.</param>
/// <param name="Actor">Who did it: the id of the key, or of the background task.</param>
public sealed record MemoryEvent(
    Partition Partition,
    Position Position,
    EventType Type,
    string Tenant,
    MemoryId MemoryId,
    long Version,
    Scope Scope,
    MemoryRecord? State,
    Guid TransactionId,
    string Actor,
    DateTimeOffset At)
{
    /// <summary>The memory's kind, also after it is gone.</summary>
    public MemoryKind Kind { get; init; }

    /// <summary>
    /// The span of the event's transaction: its last position in each of its partitions; empty when it has one only.
    /// </summary>
    public IReadOnlyList<KeyValuePair<Partition, Position>> Span { get; init; } = [];

    /// <summary>Null while the log has the state.</summary>
    public Redaction? Redacted { get; init; }

    /// <summary>
    /// True when the memory is absent from this position on, as far as anybody can still tell: a state that was redacted is not the
    /// last one, or the memory is gone.
    /// </summary>
    public bool Removes => Type is EventType.Deleted or EventType.Expired || Redacted is not null;
}
