using MemoryAspire.Contracts.Embeddings;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using ZiggyCreatures.Caching.Fusion;

namespace MemoryAspire.Embeddings.Caching;

/// <summary>
/// Vectors by model and content: in the process, and behind it in Redis, which other processes share and which outlives a restart.
/// The content itself is in neither. Without Redis, or while it is away, the process has what it has.
/// </summary>
public sealed class EmbeddingCache : IDisposable
{
    /// <summary>Tells the other processes the key of a vector that was removed.</summary>
    private static readonly RedisChannel Removed = RedisChannel.Literal(EmbeddingKeys.Removed);

    private static readonly TimeSpan RedisPatience = TimeSpan.FromMilliseconds(250);

    private readonly MemoryCache _memory;
    private readonly FusionCache _cache;
    private readonly IConnectionMultiplexer? _redis;

    public EmbeddingCache(IOptions<EmbeddingCacheOptions> options, TimeProvider time, ILogger<FusionCache> logger, IConnectionMultiplexer? redis = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _memory = new MemoryCache(new MemoryCacheOptions { SizeLimit = options.Value.MemoryBytesMax });
        var settings = new FusionCacheOptions
        {
            CacheName = "embeddings",
            DisableTagging = true,
            DistributedCacheKeyModifierMode = CacheKeyModifierMode.None,
            DistributedCacheCircuitBreakerDuration = TimeSpan.FromSeconds(2),
            DefaultEntryOptions = new FusionCacheEntryOptions
            {
                Duration = options.Value.MemoryDuration,
                DistributedCacheDuration = options.Value.RedisDuration,
                DistributedCacheSoftTimeout = RedisPatience,
                DistributedCacheHardTimeout = RedisPatience,
                AllowBackgroundDistributedCacheOperations = true,
                IsFailSafeEnabled = false,
                ReThrowSerializationExceptions = false,
            },
        };
        _cache = new FusionCache(settings, _memory, logger);
        _redis = redis;
        if (redis is null) return;
        _cache.SetupDistributedCache(new RedisVectors(redis, time), new VectorSerializer());

        // Where Redis is away now, this takes effect once it is there.
        redis.GetSubscriber().Subscribe(Removed, Forget, CommandFlags.FireAndForget);
    }

    /// <summary>The key of a content: the model's name, and SHA-256 over the content in UTF-8.</summary>
    public static string KeyOf(EmbeddingModel model, string content)
    {
        ArgumentNullException.ThrowIfNull(model);
        return EmbeddingKeys.Of(model.Name, content);
    }

    /// <summary>Removes a content's vector from here, from Redis, and from every other process that is connected to Redis; one that is not then has
    /// it for <see cref="EmbeddingCacheOptions.MemoryDuration"/> at most.</summary>
    /// <exception cref="RedisException">Redis could not be reached; try again.</exception>
    public async Task RemoveAsync(EmbeddingModel model, string content, CancellationToken cancellationToken)
    {
        var key = KeyOf(model, content);

        // Redis first, so that no process can take it from there again; and by itself, because the cache would pass over a Redis
        // that has just failed without a word.
        if (_redis is not null) await _redis.GetDatabase().KeyDeleteAsync(key).WaitAsync(cancellationToken);
        Forget(Removed, key);
        if (_redis is not null) await _redis.GetSubscriber().PublishAsync(Removed, key).WaitAsync(cancellationToken);
    }

    public void Dispose()
    {
        _redis?.GetSubscriber().Unsubscribe(Removed, Forget, CommandFlags.FireAndForget);
        _cache.Dispose();
        _memory.Dispose();
    }

    /// <summary>Null when it is nowhere, or is not the model's.</summary>
    internal async Task<float[]?> FindAsync(EmbeddingModel model, string key, CancellationToken cancellationToken) =>
        Of(model, await _cache.TryGetAsync<float[]>(key, options => options.SetSize(SizeOf(key, model.Dimension)), cancellationToken));

    /// <summary>As <see cref="FindAsync"/>, in this process only.</summary>
    internal float[]? FindHere(EmbeddingModel model, string key) => Of(model, _cache.TryGet<float[]>(key, options => options.SetSkipDistributedCacheRead(true)));

    /// <summary>Keeps a vector: in the process when this returns, in Redis soon.</summary>
    internal async Task KeepAsync(string key, float[] vector) => await _cache.SetAsync(key, vector, options => options.SetSize(SizeOf(key, vector.Length)));

    private static long SizeOf(string key, int dimension) => (dimension * sizeof(float)) + (key.Length * sizeof(char));

    private void Forget(RedisChannel channel, RedisValue key) => _cache.Remove(key.ToString(), options => options.SetSkipDistributedCacheWrite(true, true));

    private static float[]? Of(EmbeddingModel model, MaybeValue<float[]> found) =>
        found.HasValue && (found.Value.Length == 0 || found.Value.Length == model.Dimension) ? found.Value : null;
}
