using System.Security.Cryptography;
using System.Text;

namespace MemoryAspire.Contracts.Embeddings;

/// <summary>Where vectors of contents are cached in Redis, which one part fills and another erases.</summary>
public static class EmbeddingKeys
{
    /// <summary>The channel that carries the key of a vector that was removed.</summary>
    public const string Removed = "embedding-removed";

    /// <summary>The model's name, and SHA-256 over the content in UTF-8.</summary>
    public static string Of(string model, string content) => $"embedding:{model}:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)))}";
}
