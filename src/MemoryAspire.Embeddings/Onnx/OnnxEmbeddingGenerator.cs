using Microsoft.Extensions.AI;
using Microsoft.ML.OnnxRuntime;

namespace MemoryAspire.Embeddings.Onnx;

/// <summary>Runs a local model over batches of texts of about equal length, away from the caller's thread.</summary>
internal sealed class OnnxEmbeddingGenerator(OnnxModel model) : IEmbeddingGenerator<string, Embedding<float>>
{
    private const int BatchMax = 16;

    private readonly EmbeddingGeneratorMetadata _metadata = new("onnx", null, model.Identity.Name, model.Identity.Dimension);

    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        var texts = values.ToList();
        return Task.Run(() => Generate(texts, cancellationToken), cancellationToken);
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null) return null;
        return serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata : serviceType.IsInstanceOfType(this) ? this : null;
    }

    public void Dispose() => model.Dispose();

    private GeneratedEmbeddings<Embedding<float>> Generate(List<string> texts, CancellationToken cancellationToken)
    {
        var vectors = new float[texts.Count][];
        // Rows of a batch are padded to its longest, so that like goes with like.
        foreach (var batch in Enumerable.Range(0, texts.Count).OrderBy(i => texts[i].Length).Chunk(BatchMax))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var rows = Run(TokenBatch.Of([.. batch.Select(i => texts[i])], model.Tokenizer));
            for (var row = 0; row < batch.Length; row++) vectors[batch[row]] = rows[row];
        }

        return new(vectors.Select(vector => new Embedding<float>(vector)));
    }

    private List<float[]> Run(TokenBatch batch)
    {
        using var ids = OrtValue.CreateTensorValueFromMemory(batch.Ids, batch.Shape);
        using var mask = OrtValue.CreateTensorValueFromMemory(batch.Mask, batch.Shape);
        using var segments = OrtValue.CreateTensorValueFromMemory(new long[batch.Ids.Length], batch.Shape);
        var inputs = new Dictionary<string, OrtValue> { ["input_ids"] = ids };
        if (model.Takes("attention_mask")) inputs["attention_mask"] = mask;
        if (model.Takes("token_type_ids")) inputs["token_type_ids"] = segments;
        using var run = new RunOptions();
        using var outputs = model.Session.Run(run, inputs, [model.Session.OutputNames[0]]);
        return Pool(outputs[0].GetTensorDataAsSpan<float>(), outputs[0].GetTensorTypeAndShape().Shape, batch);
    }

    /// <summary>A model gives one vector per token, which are averaged, or has averaged them already.</summary>
    private List<float[]> Pool(ReadOnlySpan<float> output, long[] shape, TokenBatch batch)
    {
        var dimension = model.Identity.Dimension;
        var vectorsPerRow = shape.Length == 3 ? batch.Length : 1;
        if (output.Length != batch.Rows * vectorsPerRow * dimension)
        {
            throw new InvalidDataException($"{OnnxModel.ModelFile} gave a tensor of [{string.Join(", ", shape)}].");
        }

        var pooled = new List<float[]>(batch.Rows);
        for (var row = 0; row < batch.Rows; row++)
        {
            var states = output.Slice(row * vectorsPerRow * dimension, vectorsPerRow * dimension);
            pooled.Add(vectorsPerRow == 1 ? states.ToArray() : MeanPooling.Pool(states, batch.Mask.AsSpan(row * batch.Length, batch.Length), dimension));
        }

        return pooled;
    }
}
