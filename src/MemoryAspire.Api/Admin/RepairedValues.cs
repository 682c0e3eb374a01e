using MemoryAspire.Api.Caching.Hot;
using MemoryAspire.Coordination.Participants;
using MemoryAspire.Postgres.Rebuild;
using MemoryAspire.Redis.Repair;
using MemoryAspire.ServiceDefaults.Resilience;

namespace MemoryAspire.Api.Admin;

/// <summary>Drops what Redis and this process may have taken from rows that were wrong; other processes hold theirs for a minute at most.</summary>
internal sealed class RepairedValues(ValueRemoval values, HotMemories hot, StorePipelines pipelines, ILogger<RepairedValues> logger)
{
    private const int AtOnceMax = 500;

    /// <summary>False when Redis could not be reached. The rows are committed, so no cancellation stops this.</summary>
    public async Task<bool> DropAsync(PartitionRebuild partition)
    {
        hot.Invalidate(partition.Partition);
        try
        {
            foreach (var ids in partition.Repaired.Chunk(AtOnceMax))
            {
                await pipelines.Redis.ExecuteAsync(async cancellationToken => await values.RemoveAsync(ids).WaitAsync(cancellationToken));
            }

            return true;
        }
        catch (Exception exception) when (RedisParticipant.CannotServe(exception))
        {
            logger.RepairedValuesLeft(partition.Partition.Value, exception);
            return false;
        }
    }
}
