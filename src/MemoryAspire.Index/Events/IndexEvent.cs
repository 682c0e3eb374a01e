using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Contracts.Positions;

namespace MemoryAspire.Index.Events;

/// <summary>One entry of a partition's log, with what the index keeps of the memory.</summary>
/// <param name="State">Null when the memory leaves the index: deleted or expired.</param>
public sealed record IndexEvent(Partition Partition, Position Position, MemoryId Id, long Version, IndexedState? State)
{
    /// <summary>The event's transaction; empty: it is one by itself.</summary>
    public Guid Transaction { get; init; }

    /// <summary>True when both are of one transaction in one partition, and so become visible in one step.</summary>
    internal bool BelongsWith(IndexEvent other) =>
        Transaction != Guid.Empty && Transaction == other.Transaction && Partition == other.Partition;
}

/// <summary>The state of a memory, as the index knows it. Times are microseconds since 1970.</summary>
/// <param name="Vector">Little-endian float32, one per dimension; empty when the memory has none.</param>
public sealed record IndexedState(
    string Tenant,
    Scope Scope,
    MemoryKind Kind,
    double Importance,
    long CreatedAt,
    long UpdatedAt,
    long? ExpiresAt,
    ulong Digest,
    ReadOnlyMemory<byte> Vector);
