namespace MemoryAspire.Embeddings;

/// <summary>What made a vector. Vectors of different models are never compared.</summary>
/// <param name="Name">Identifies the model for good: equal names, equal vectors for equal texts (as far as a remote
/// provider keeps its word). For example <c>builtin-glove-100d-v1</c> or <c>openai:text-embedding-3-small:1536</c>.</param>
/// <param name="Dimension">The length of every vector that is not empty.</param>
public sealed record EmbeddingModel(string Name, int Dimension);
