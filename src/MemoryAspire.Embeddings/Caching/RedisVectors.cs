using Microsoft.Extensions.Caching.Distributed;
using StackExchange.Redis;

namespace MemoryAspire.Embeddings.Caching;

/// <summary>Redis as the cache's second level: plain strings with a time to live, which volatile-lru may evict.</summary>
internal sealed class RedisVectors(IConnectionMultiplexer redis, TimeProvider time) : IDistributedCache
{
    public byte[]? Get(string key) => redis.GetDatabase().StringGet(key);

    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default) => await redis.GetDatabase().StringGetAsync(key).WaitAsync(token);

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => redis.GetDatabase().StringSet(key, value, LifeOf(options));

    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) =>
        redis.GetDatabase().StringSetAsync(key, value, LifeOf(options)).WaitAsync(token);

    public void Remove(string key) => redis.GetDatabase().KeyDelete(key);

    public Task RemoveAsync(string key, CancellationToken token = default) => redis.GetDatabase().KeyDeleteAsync(key).WaitAsync(token);

    public void Refresh(string key)
    {
    }

    public Task RefreshAsync(string key, CancellationToken token = default) => Task.CompletedTask;

    private TimeSpan LifeOf(DistributedCacheEntryOptions options)
    {
        var life = options.AbsoluteExpirationRelativeToNow ?? options.AbsoluteExpiration - time.GetUtcNow()
            ?? throw new InvalidOperationException("A cached vector must expire.");
        return life > TimeSpan.Zero ? life : TimeSpan.FromMilliseconds(1);
    }
}
