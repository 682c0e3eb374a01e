using Microsoft.Extensions.AI;

namespace MemoryAspire.Embeddings.BuiltIn;

/// <summary>Averaged word vectors: English, offline, microseconds per text. An empty vector for a text without words.</summary>
internal sealed class BuiltInEmbeddingGenerator(TextEmbedder embedder) : IEmbeddingGenerator<string, Embedding<float>>
{
    /// <summary>Other data or another way from text to vector is another name.</summary>
    public static EmbeddingModel Model { get; } = new("builtin-glove-100d-v1", 100);

    private readonly EmbeddingGeneratorMetadata _metadata = new("builtin", null, Model.Name, Model.Dimension);

    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        var embeddings = new GeneratedEmbeddings<Embedding<float>>();
        foreach (var value in values)
        {
            if (cancellationToken.IsCancellationRequested) return Task.FromCanceled<GeneratedEmbeddings<Embedding<float>>>(cancellationToken);
            var vector = new float[embedder.Dimension];
            var found = embedder.TryEmbed(value, vector);
            embeddings.Add(new(found ? vector : ReadOnlyMemory<float>.Empty) { ModelId = Model.Name });
        }

        return Task.FromResult(embeddings);
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null) return null;
        return serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata : serviceType.IsInstanceOfType(this) ? this : null;
    }

    public void Dispose()
    {
    }
}
