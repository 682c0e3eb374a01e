using MemoryAspire.Api.Caching;
using MemoryAspire.Api.Consistency;
using MemoryAspire.Api.Database;
using MemoryAspire.Api.Problems;
using MemoryAspire.Api.ReadRepair;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Coordination.Participants;
using MemoryAspire.Postgres.Memories;
using MemoryAspire.Redis;
using MemoryAspire.Redis.Values;
using MemoryAspire.ServiceDefaults.Resilience;

namespace MemoryAspire.Api.Memories;

/// <summary>
/// Reads by id: Redis where it may answer, PostgreSQL otherwise. A read never waits for Redis to catch up.
/// </summary>
internal sealed class MemoryReads(
    WorkingMemory working, MemoryReader reader, StorePipelines pipelines, CacheFiller filler, ReadVerifier verifier, DatabaseWatch watch, ILogger<MemoryReads> logger)
{
    /// <summary>The cached value, or null when Redis may not or cannot answer.</summary>
    public async Task<CachedMemory?> FromRedisAsync(string tenant, MemoryId id, ReadLevel level, RequestConsistency consistency, CancellationToken cancellationToken)
    {
        var atLeast = consistency.Required[id.Partition];
        var incarnation = watch.Current.Incarnation;
        try
        {
            var held = await pipelines.Redis.ExecuteAsync(
                async token => await working.ReadAsync(tenant, id, level, atLeast, incarnation).WaitAsync(token), cancellationToken);
            if (held is null) return null;
            consistency.See(held.SeenIn(id.Partition));
            verifier.Read(id);
            return held;
        }
        catch (Exception exception) when (RedisParticipant.CannotServe(exception))
        {
            logger.RedisPassedOver(exception.Message);
            consistency.PassOver("redis");
            return null;
        }
    }

    /// <summary>The row, or null when there is none; Redis is filled behind the answer.</summary>
    /// <exception cref="Refusal">503: PostgreSQL is away.</exception>
    public async Task<StoredMemory?> FromPostgresAsync(string tenant, MemoryId id, bool withVector, RequestConsistency consistency, CancellationToken cancellationToken)
    {
        var database = watch.Current;
        try
        {
            var snapshot = await pipelines.PostgresRead.ExecuteAsync(
                async token => await reader.GetAsync(tenant, id, withVector ? database.Generation.Model : null, token), cancellationToken);
            consistency.See(snapshot.Memory?.Seen ?? [KeyValuePair.Create(id.Partition, snapshot.Head)]);
            if (snapshot.Memory is { } stored) filler.Offer(stored, snapshot.Head, database.Incarnation);
            return snapshot.Memory;
        }
        catch (Exception exception) when (StoreFailures.IsPostgresAway(exception))
        {
            consistency.PassOver("postgres");
            throw Refusal.Unavailable("PostgreSQL cannot be reached, and Redis cannot answer this.");
        }
    }
}
