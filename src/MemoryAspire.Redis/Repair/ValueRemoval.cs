using MemoryAspire.Contracts.Identity;
using StackExchange.Redis;

namespace MemoryAspire.Redis.Repair;

/// <summary>
/// Takes values out of Redis whose rows in PostgreSQL were wrong. Unconditionally, although repair otherwise removes only
/// the value it has looked at: whoever repairs rows knows which memories are concerned, but not what Redis took from them.
/// A newer, right value that goes with it costs one miss. Without a value nothing can be wrong: readers go to PostgreSQL,
/// and neither apply nor fill takes an absent key for permission to bring an older state back. (A reader who met a wrong row
/// before its repair and fills after this is beyond it; comparing the tiers finds what he left.)
/// </summary>
public sealed class ValueRemoval(IConnectionMultiplexer redis)
{
    /// <summary>Pipelined: give a few hundred at a time. Throws what StackExchange.Redis throws when Redis is away.</summary>
    public Task RemoveAsync(IEnumerable<MemoryId> ids) => CountRemovedAsync(ids);

    /// <summary>As above; how many values there were.</summary>
    public async Task<int> CountRemovedAsync(IEnumerable<MemoryId> ids)
    {
        var database = redis.GetDatabase();
        return (await Task.WhenAll(ids.Select(id => database.KeyDeleteAsync(Keys.Memory(id))))).Count(existed => existed);
    }
}
