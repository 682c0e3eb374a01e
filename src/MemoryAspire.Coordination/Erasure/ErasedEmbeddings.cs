using MemoryAspire.Contracts.Embeddings;
using MemoryAspire.Coordination.Database;
using MemoryAspire.Coordination.Participants;
using StackExchange.Redis;

namespace MemoryAspire.Coordination.Erasure;

/// <summary>
/// Removes the vectors of erased texts from the cache in Redis, and from the processes that follow it. While Redis is away the erasure
/// waits: once the log has forgotten the texts nobody knows their keys. The built-in model's vectors are cached nowhere.
/// </summary>
internal sealed class ErasedEmbeddings(IConnectionMultiplexer redis, LiveDatabase live) : IErasedTexts
{
    private const string BuiltIn = "builtin-";

    public async Task RemoveAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        if (texts.Count == 0 || await live.ReadAsync(cancellationToken) is not { } database) return;
        var model = database.Generation.Model;
        if (model.StartsWith(BuiltIn, StringComparison.Ordinal)) return;
        try
        {
            await Task.WhenAll(texts.Select(text => RemoveAsync(EmbeddingKeys.Of(model, text)))).WaitAsync(cancellationToken);
        }
        catch (Exception exception) when (RedisParticipant.CannotServe(exception))
        {
            throw new ErasureRefusedException("Redis is away, and may hold vectors of the texts.");
        }
    }

    private async Task RemoveAsync(RedisKey key)
    {
        // Gone from Redis before others are told: they would take it from there again.
        await redis.GetDatabase().KeyDeleteAsync(key);
        await redis.GetSubscriber().PublishAsync(RedisChannel.Literal(EmbeddingKeys.Removed), (string?)key);
    }
}
