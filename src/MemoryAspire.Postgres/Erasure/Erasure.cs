using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;

namespace MemoryAspire.Postgres.Erasure;

/// <summary>What is to be erased: one memory, or all of a scope.</summary>
public sealed record ErasureTarget(MemoryId? Memory, Scope Scope, MemoryKind? Kind)
{
    /// <summary>Where the tenant's memories of this target can be.</summary>
    public IReadOnlyList<Partition> PartitionsOf(string tenant) => this switch
    {
        { Memory: { } memory } => [memory.Partition],
        { Scope.User: { } user } => [Partition.Of(tenant, user)],
        _ => Partition.All,
    };
}

/// <summary>A demand that memories be erased, and how far it has come: the record that a process leaves to the next one.</summary>
public sealed record ErasureRecord(Guid Id, string Tenant, string Actor, ErasureTarget Target, DateTimeOffset RequestedAt)
{
    /// <summary>Memories of which nothing but the chain of events is left.</summary>
    public long Memories { get; init; }

    /// <summary>Those that were still there when it was demanded.</summary>
    public long Deleted { get; init; }

    /// <summary>Events that were redacted.</summary>
    public long Events { get; init; }

    public long Vectors { get; init; }

    /// <summary>Values that Redis still had.</summary>
    public long Cached { get; init; }

    /// <summary>When PostgreSQL held nothing of it any more; null while it may.</summary>
    public DateTimeOffset? PostgresAt { get; init; }

    public DateTimeOffset? RedisAt { get; init; }

    public DateTimeOffset? IndexAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }
}
