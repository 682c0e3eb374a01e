using Microsoft.Extensions.AI;

namespace MemoryAspire.Embeddings.Checking;

/// <summary>
/// Lets nothing through that is not a vector of the model: as many as there are texts, each of the model's dimension
/// and finite. Brings them to unit length; one that is all zeros becomes empty, meaning that the text has no vector.
/// </summary>
internal sealed class CheckedEmbeddingGenerator(IEmbeddingGenerator<string, Embedding<float>> inner, EmbeddingModel model)
    : DelegatingEmbeddingGenerator<string, Embedding<float>>(inner)
{
    /// <summary>Providers bound what one request may hold.</summary>
    private const int TextsPerRequestMax = 64;
    private const int CharactersPerRequestMax = 128 * 1024;

    public override async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        var result = new GeneratedEmbeddings<Embedding<float>>();
        foreach (var request in Requests(values, text => text))
        {
            var generated = await RequestAsync(request, options, cancellationToken);
            if (generated.Count != request.Count)
            {
                throw new EmbeddingException($"{model.Name} gave {generated.Count} vectors for {request.Count} texts.");
            }

            foreach (var embedding in generated) result.Add(Check(embedding));
        }

        return result;
    }

    private async Task<GeneratedEmbeddings<Embedding<float>>> RequestAsync(
        List<string> texts, EmbeddingGenerationOptions? options, CancellationToken cancellationToken)
    {
        try
        {
            return await base.GenerateAsync(texts, options, cancellationToken);
        }
        catch (Exception exception) when (exception is not EmbeddingException && !cancellationToken.IsCancellationRequested)
        {
            throw new EmbeddingException($"{model.Name} gave no vectors: {exception.Message}", exception);
        }
    }

    private Embedding<float> Check(Embedding<float> embedding)
    {
        var vector = embedding.Vector.ToArray();
        if (vector.Length != model.Dimension)
        {
            throw new EmbeddingException($"{model.Name} gave a vector of {vector.Length} dimensions, not {model.Dimension}: correct Embeddings:Dimensions.") { IsWrongModel = true };
        }

        foreach (var value in vector)
        {
            if (!float.IsFinite(value)) throw new EmbeddingException($"{model.Name} gave a vector that is not finite.");
        }

        return new(UnitVector.TryScale(vector.AsSpan()) ? vector : ReadOnlyMemory<float>.Empty) { ModelId = model.Name };
    }

    /// <summary>Divides texts into requests that providers accept.</summary>
    public static IEnumerable<List<T>> Requests<T>(IEnumerable<T> texts, Func<T, string> textOf)
    {
        List<T> request = [];
        var characters = 0;
        foreach (var text in texts)
        {
            var length = textOf(text).Length;
            if (request.Count == TextsPerRequestMax || (request.Count > 0 && characters + length > CharactersPerRequestMax))
            {
                yield return request;
                request = [];
                characters = 0;
            }

            request.Add(text);
            characters += length;
        }

        if (request.Count > 0) yield return request;
    }
}
