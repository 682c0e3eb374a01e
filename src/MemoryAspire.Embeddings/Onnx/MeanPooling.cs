namespace MemoryAspire.Embeddings.Onnx;

/// <summary>The mean of a row's token vectors, padding left out.</summary>
internal static class MeanPooling
{
    /// <param name="states">One vector per token of the row.</param>
    /// <param name="mask">1 for a token, 0 for padding.</param>
    public static float[] Pool(ReadOnlySpan<float> states, ReadOnlySpan<long> mask, int dimension)
    {
        var pooled = new float[dimension];
        var tokens = 0;
        for (var token = 0; token < mask.Length; token++)
        {
            if (mask[token] == 0) continue;
            tokens++;
            var state = states.Slice(token * dimension, dimension);
            for (var i = 0; i < dimension; i++) pooled[i] += state[i];
        }

        for (var i = 0; i < dimension && tokens > 0; i++) pooled[i] /= tokens;
        return pooled;
    }
}
