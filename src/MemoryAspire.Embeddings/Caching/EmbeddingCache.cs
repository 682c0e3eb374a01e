using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using ZiggyCreatures.Caching.Fusion;
using ZiggyCreatures.Caching.Fusion.Backplane.StackExchangeRedis;

namespace MemoryAspire.Embeddings.Caching;

/// <summary>
/// Vectors by model and content: in the process, and behind it in Redis, which other processes share and which outlives a restart.
/// The content itself is in neither. Without Redis, or while it is away, the process has what it has.
/// </summary>
public sealed class EmbeddingCache : IDisposable
{
    private static readonly TimeSpan RedisPatience = TimeSpan.FromMilliseconds(250);

    private readonly MemoryCache _memory;
    private readonly FusionCache _cache;

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
            BackplaneCircuitBreakerDuration = TimeSpan.FromSeconds(2),
            DefaultEntryOptions = new FusionCacheEntryOptions
            {
                Duration = options.Value.MemoryDuration,
                DistributedCacheDuration = options.Value.RedisDuration,
                DistributedCacheSoftTimeout = RedisPatience,
                DistributedCacheHardTimeout = RedisPatience,
                AllowBackgroundDistributedCacheOperations = true,
                IsFailSafeEnabled = false,
                // Equal texts have equal vectors: others need not be told of one, but of a removal.
                SkipBackplaneNotifications = true,
            },
        };
        _cache = new FusionCache(settings, _memory, logger);
        if (redis is null) return;
        _cache.SetupDistributedCache(new RedisVectors(redis, time), new VectorSerializer());
        _cache.SetupBackplane(new RedisBackplane(new RedisBackplaneOptions { ConnectionMultiplexerFactory = () => Task.FromResult(redis) }));
    }

    /// <summary>The key of a content: the model's name, and SHA-256 over the content in UTF-8.</summary>
    public static string KeyOf(EmbeddingModel model, string content)
    {
        ArgumentNullException.ThrowIfNull(model);
        return $"embedding:{model.Name}:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)))}";
    }

    /// <summary>Removes a content's vector, here, in Redis, and in every other process that is connected to Redis.</summary>
    /// <exception cref="FusionCacheDistributedCacheException">Redis could not be reached; try again.</exception>
    public async Task RemoveAsync(EmbeddingModel model, string content, CancellationToken cancellationToken) => await _cache.RemoveAsync(
        KeyOf(model, content),
        options => options
            .SetDistributedCacheTimeouts(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan, allowBackgroundDistributedCacheOperations: false)
            .SetSkipBackplaneNotifications(false)
            .Throwing(),
        token: cancellationToken);

    public void Dispose()
    {
        _cache.Dispose();
        _memory.Dispose();
    }

    /// <summary>Null when it is nowhere, or is not the model's.</summary>
    internal async Task<float[]?> FindAsync(EmbeddingModel model, string key, CancellationToken cancellationToken) =>
        Of(model, await _cache.TryGetAsync<float[]>(key, token: cancellationToken));

    /// <summary>As <see cref="FindAsync"/>, in this process only.</summary>
    internal float[]? FindHere(EmbeddingModel model, string key) => Of(model, _cache.TryGet<float[]>(key, options => options.SetSkipDistributedCacheRead(true)));

    /// <summary>Keeps a vector: in the process when this returns, in Redis soon.</summary>
    internal async Task KeepAsync(string key, float[] vector) => await _cache.SetAsync(key, vector, options => options.SetSize((vector.Length * sizeof(float)) + key.Length));

    private static float[]? Of(EmbeddingModel model, MaybeValue<float[]> found) =>
        found.HasValue && (found.Value.Length == 0 || found.Value.Length == model.Dimension) ? found.Value : null;
}

file static class EntryOptionsExtensions
{
    public static FusionCacheEntryOptions Throwing(this FusionCacheEntryOptions options)
    {
        options.ReThrowDistributedCacheExceptions = true;
        return options;
    }
}
