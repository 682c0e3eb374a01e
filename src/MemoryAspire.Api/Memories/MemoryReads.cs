using MemoryAspire.Api.Caching;
using MemoryAspire.Api.Caching.Hot;
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
/// Reads by id: this process where it may answer, then Redis, then PostgreSQL. A read never waits for a tier to catch up.
/// </summary>
internal sealed class MemoryReads(
    HotMemories hot,
    WorkingMemory working,
    DirectRedis direct,
    MemoryReader reader,
    StorePipelines pipelines,
    CacheFiller filler,
    ReadVerifier verifier,
    ReadInstruments instruments,
    DatabaseWatch watch,
    ILogger<MemoryReads> logger)
{
    /// <summary>What this process holds, or null when that may not answer.</summary>
    public HotMemory? FromMemory(string tenant, MemoryId id, ReadLevel level, RequestConsistency consistency)
    {
        var held = hot.Find(tenant, id, level, consistency.Required[id.Partition], watch.Current.Incarnation);
        if (held is not null) consistency.See(held.Seen);
        return held;
    }

    /// <summary>The cached value, or null when Redis may not or cannot answer.</summary>
    public async Task<CachedMemory?> FromRedisAsync(string tenant, MemoryId id, ReadLevel level, RequestConsistency consistency, CancellationToken cancellationToken)
    {
        if (level == ReadLevel.Strong) return null;
        var atLeast = consistency.Required[id.Partition];
        var incarnation = watch.Current.Incarnation;
        try
        {
            var read = await direct.CallAsync(
                static call => call.working.ReadAsync(call.tenant, call.id, call.level, call.atLeast, call.incarnation),
                (working, tenant, id, level, atLeast, incarnation),
                cancellationToken);
            instruments.LookedUp(read.Verdict);

            // It has to catch up, and until then it is as good as away.
            if (read.Verdict is ReadVerdict.NoEpoch or ReadVerdict.Behind) consistency.PassOver("redis");
            if (read.Memory is not { } held) return null;
            var memory = HotMemory.Of(id, held);
            consistency.See(memory.Seen);
            hot.Offer(memory, read.Applied, incarnation);
            verifier.Read(id);
            return held;
        }
        catch (Exception exception) when (RedisParticipant.CannotServe(exception))
        {
            instruments.LookedUp("redis", "away");
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
