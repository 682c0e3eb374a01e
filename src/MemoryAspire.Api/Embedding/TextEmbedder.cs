using MemoryAspire.Api.Problems;
using MemoryAspire.Embeddings;
using Microsoft.Extensions.AI;

namespace MemoryAspire.Api.Embedding;

/// <summary>Turns text into vectors of the live model.</summary>
internal sealed class TextEmbedder(IEmbeddingGenerator<string, Embedding<float>> generator, ILogger<TextEmbedder> logger)
{
    /// <summary>The vector; empty for text that has no direction, such as "!!!".</summary>
    /// <exception cref="Refusal">503: the provider failed.</exception>
    public async Task<ReadOnlyMemory<float>> EmbedAsync(string text, CancellationToken cancellationToken) =>
        (await EmbedAsync([text], cancellationToken))[0];

    /// <summary>The vectors of some texts, in their order.</summary>
    /// <exception cref="Refusal">503: the provider failed.</exception>
    public async Task<IReadOnlyList<ReadOnlyMemory<float>>> EmbedAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        return await TryEmbedAsync(texts, cancellationToken)
            ?? throw Refusal.Unavailable("The embedding provider cannot be reached, so nothing was stored or searched. Give an embedding, or try again.", "notStored");
    }

    /// <summary>The vectors of some texts, in their order; null when the provider failed.</summary>
    public async Task<IReadOnlyList<ReadOnlyMemory<float>>?> TryEmbedAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        try
        {
            var embeddings = await generator.GenerateAsync(texts, cancellationToken: cancellationToken);
            return [.. embeddings.Select(embedding => embedding.Vector)];
        }
        catch (EmbeddingException exception)
        {
            logger.EmbeddingFailed(exception);
            return null;
        }
    }
}
