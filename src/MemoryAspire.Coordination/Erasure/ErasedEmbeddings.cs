using MemoryAspire.Contracts.Embeddings;
using MemoryAspire.Postgres.Schema;
using StackExchange.Redis;

namespace MemoryAspire.Coordination.Erasure;

/// <summary>
/// The cached vectors of erased texts. They are kept under the text's own key and not the memory's, so the keys are put on record
/// before the log forgets the texts, and are forgotten with the vectors. The built-in model's are cached nowhere.
/// </summary>
public sealed class ErasedEmbeddings(IConnectionMultiplexer redis)
{
    private const string BuiltIn = "builtin-";

    /// <summary>The keys under which vectors of these texts may be cached.</summary>
    public static IReadOnlyList<string> KeysOf(Generation generation, IEnumerable<string> texts) =>
        generation.Model.StartsWith(BuiltIn, StringComparison.Ordinal) ? [] : [.. texts.Select(text => EmbeddingKeys.Of(generation.Model, text))];

    /// <exception cref="RedisException">Redis could not be reached.</exception>
    public Task RemoveAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken) =>
        Task.WhenAll(keys.Select(key => RemoveAsync(key))).WaitAsync(cancellationToken);

    private async Task RemoveAsync(RedisKey key)
    {
        // Gone from Redis before others are told: they would take it from there again.
        await redis.GetDatabase().KeyDeleteAsync(key);
        await redis.GetSubscriber().PublishAsync(RedisChannel.Literal(EmbeddingKeys.Removed), (string?)key);
    }
}
