using MemoryAspire.Api.Database;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Index;
using MemoryAspire.Coordination.Participants;
using MemoryAspire.Redis;
using MemoryAspire.ServiceDefaults.Resilience;

namespace MemoryAspire.Api.Consistency;

/// <summary>Asks the derived tiers which version of a memory they hold; null when a tier cannot be asked.</summary>
internal sealed class TierReads(
    WorkingMemory redis, MemoryIndex.MemoryIndexClient index, StorePipelines pipelines, DatabaseWatch watch, ILogger<TierReads> logger)
{
    public async Task<HeldVersion?> InRedisAsync(MemoryId id, CancellationToken cancellationToken)
    {
        try
        {
            var incarnation = watch.Current.Incarnation;
            return new HeldVersion(await pipelines.Redis.ExecuteAsync(
                async token => await redis.ReadVersionAsync(id, incarnation).WaitAsync(token), cancellationToken));
        }
        catch (Exception exception) when (RedisParticipant.CannotServe(exception))
        {
            logger.RedisPassedOver(exception.Message);
            return null;
        }
    }

    public async Task<HeldVersion?> InIndexAsync(MemoryId id, CancellationToken cancellationToken)
    {
        try
        {
            if (await pipelines.Index.ExecuteAsync(async token => await LookUpAsync(id, token), cancellationToken) is { } held) return held;
            logger.IndexPassedOver("It is loading, or does not serve the live generation yet.");
        }
        catch (Exception exception) when (IndexParticipant.CannotServe(exception) && !cancellationToken.IsCancellationRequested)
        {
            logger.IndexPassedOver(exception.Message);
        }

        return null;
    }

    /// <summary>Null while what the index holds says nothing: it is loading, or of another database or generation.</summary>
    private async Task<HeldVersion?> LookUpAsync(MemoryId id, CancellationToken cancellationToken)
    {
        var database = watch.Current;
        var status = await index.StatusAsync(new StatusRequest(), cancellationToken: cancellationToken);
        if (status.State == StatusReply.Types.State.Loading
            || status.Incarnation != database.Incarnation.Value
            || status.Generation != database.Generation.Number)
        {
            return null;
        }

        var reply = await index.LookupAsync(new LookupRequest { Ids = { id.ToBytes() } }, cancellationToken: cancellationToken);

        // The version counts whether or not there is a vector: the index knows memories that have none, too.
        return new HeldVersion(reply.Entries[0].Version is var version and > 0 ? version : null);
    }
}
