namespace MemoryAspire.Embeddings;

/// <summary>The provider of embeddings could not be reached, refused, or gave what is not the model's vector. Asking again may help.</summary>
public sealed class EmbeddingException : Exception
{
    public EmbeddingException()
    {
    }

    /// <summary>True when the provider gives vectors of another dimension than is configured: asking again does not help.</summary>
    public bool IsWrongModel { get; init; }

    public EmbeddingException(string message)
        : base(message)
    {
    }

    public EmbeddingException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
