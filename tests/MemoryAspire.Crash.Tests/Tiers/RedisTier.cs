using MemoryAspire.Contracts.Identity;
using StackExchange.Redis;

namespace MemoryAspire.Crash.Tests.Tiers;

/// <summary>What Redis holds, as docs/redis-format.md says it is kept.</summary>
internal sealed class RedisTier(IDatabase redis)
{
    /// <summary>How far each partition is applied; -1 where it has no epoch.</summary>
    public async Task<long[]> ReadAppliedAsync() => await Task.WhenAll(Partition.All.Select(async partition =>
        await redis.HashGetAsync($"control:{{{partition}}}", "applied") is { IsNull: false } applied ? (long)applied : -1));

    /// <summary>The version that counts; null when there is none, or one of an epoch that has ended.</summary>
    public async Task<long?> FindAsync(MemoryId id)
    {
        var epoch = await redis.HashGetAsync($"control:{{{id.Partition}}}", "epoch");
        var value = await redis.HashGetAsync($"memory:{{{id.Partition}}}:{id}", ["e", "v"]);
        return value[0].IsNull || value[0] != epoch ? null : (long)value[1];
    }
}
