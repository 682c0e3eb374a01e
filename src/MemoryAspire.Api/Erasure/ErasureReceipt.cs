using MemoryAspire.Contracts.Memories;
using MemoryAspire.Postgres.Erasure;

namespace MemoryAspire.Api.Erasure;

/// <summary>What was removed where, and what that does not reach.</summary>
/// <param name="State">completed; pending while a tier may still hold something: it is removed as soon as the tier can be reached.</param>
/// <param name="Deleted">Memories that were still there when the erasure was demanded.</param>
/// <param name="Erased">Memories of which nothing but the chain of events is left: those that had been deleted before are among them.</param>
internal sealed record ErasureReceipt(
    Guid Id,
    string State,
    DateTimeOffset RequestedAt,
    DateTimeOffset? FinishedAt,
    Guid? MemoryId,
    Scope Scope,
    long Deleted,
    long Erased,
    ErasedTiers Tiers,
    ErasureRemains Remains)
{
    public static ErasureReceipt Of(ErasureRecord erasure) => new(
        erasure.Id,
        erasure.FinishedAt is null ? "pending" : "completed",
        erasure.RequestedAt,
        erasure.FinishedAt,
        erasure.Target.Memory?.Value,
        erasure.Target.Scope,
        erasure.Deleted,
        erasure.Memories,
        new ErasedTiers(
            new ErasedFromPostgres(StateOf(erasure.PostgresAt), erasure.Events, erasure.Vectors),
            new ErasedFromRedis(StateOf(erasure.RedisAt), erasure.Cached),
            new ErasedFromIndex(StateOf(erasure.IndexAt))),
        ErasureRemains.OfPostgres);

    private static string StateOf(DateTimeOffset? at) => at is null ? "pending" : "completed";
}

/// <summary>Each completed or pending.</summary>
internal sealed record ErasedTiers(ErasedFromPostgres Postgres, ErasedFromRedis Redis, ErasedFromIndex Index);

/// <param name="EventsRedacted">Contents and metadata; the answers of idempotency keys are told from these events.</param>
internal sealed record ErasedFromPostgres(string State, long EventsRedacted, long VectorsRemoved);

/// <param name="ValuesRemoved">Those that were left after the deletion itself had removed what was cached.</param>
internal sealed record ErasedFromRedis(string State, long ValuesRemoved);

internal sealed record ErasedFromIndex(string State);

/// <summary>What a statement of PostgreSQL cannot remove, and what does.</summary>
internal sealed record ErasureRemains(string Where, string Command)
{
    public static ErasureRemains OfPostgres { get; } = new(
        "The files of PostgreSQL hold the old bytes until its pages are vacuumed and its write-ahead log is recycled; backups and replicas are yours to expire.",
        "psql \"$DATABASE\" -c 'vacuum (full, analyze) memories, memory_events, memory_vectors' -c 'checkpoint' -c 'select pg_switch_wal()' -c 'checkpoint'");
}
