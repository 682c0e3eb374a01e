using MemoryAspire.Embeddings;
using MemoryAspire.Embeddings.Caching;

namespace MemoryAspire.Coordination.Erasure;

/// <summary>
/// The cached vectors of erased texts. They are kept under the text's own key and not the memory's, so the keys are put on record
/// before the log forgets the texts, and are forgotten with the vectors.
/// </summary>
public sealed class ErasedEmbeddings(EmbeddingCache cache, EmbeddingModel model)
{
    public string KeyOf(string text) => EmbeddingCache.KeyOf(model, text);

    /// <exception cref="ZiggyCreatures.Caching.Fusion.FusionCacheDistributedCacheException">Redis could not be reached.</exception>
    public async Task RemoveAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        foreach (var key in keys) await cache.RemoveAsync(key, cancellationToken);
    }
}
