namespace MemoryAspire.Embeddings;

/// <summary>The provider of embeddings could not be reached, refused, or gave what is not the model's vector. Asking again may help.</summary>
public sealed class EmbeddingException : Exception
{
    public EmbeddingException()
    {
    }

    public EmbeddingException(string message)
        : base(message)
    {
    }

    public EmbeddingException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
