using MemoryAspire.Contracts.Identity;
using MemoryAspire.Coordination.Database;
using MemoryAspire.Postgres.Erasure;
using MemoryAspire.Redis;
using MemoryAspire.Redis.Erasing;
using MemoryAspire.Redis.Repair;

namespace MemoryAspire.Coordination.Erasure;

/// <summary>Erases memories from Redis and its files, once the log no longer knows them.</summary>
public sealed class RedisErasure(ErasableMemories memories, WorkingMemory redis, ValueRemoval values, AppendOnlyFiles files, TimeProvider time)
{
    private const int AtOnceMax = 500;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    /// <summary>Returns when Redis holds nothing of them; how many values it still had.</summary>
    /// <exception cref="StackExchange.Redis.RedisException">Redis is away, or refuses.</exception>
    public async Task<long> RunAsync(ErasureRecord erasure, DatabaseState database, CancellationToken cancellationToken)
    {
        // What is not applied yet may bring a value that was read from the log before it forgot.
        var partitions = erasure.Target.PartitionsOf(erasure.Tenant);
        while (!await IsAppliedAsync(partitions, database)) await Task.Delay(Poll, time, cancellationToken);
        var removed = 0L;
        foreach (var partition in partitions) removed += await RemoveAsync(erasure, partition, cancellationToken);
        await files.RewriteAsync(cancellationToken);
        return removed;
    }

    private async Task<bool> IsAppliedAsync(IReadOnlyList<Partition> partitions, DatabaseState database)
    {
        var controls = await redis.ReadControlsAsync(partitions);
        return controls.All(pair => pair.Value is { } control && control.Incarnation == database.Incarnation && control.Applied >= database.Heads[pair.Key]);
    }

    private async Task<long> RemoveAsync(ErasureRecord erasure, Partition partition, CancellationToken cancellationToken)
    {
        var removed = 0L;
        MemoryId last = default;
        while (await memories.FindErasedAsync(erasure, partition, last, AtOnceMax, cancellationToken) is { Count: > 0 } ids)
        {
            removed += await values.CountRemovedAsync(ids);
            last = ids[^1];
        }

        return removed;
    }
}
