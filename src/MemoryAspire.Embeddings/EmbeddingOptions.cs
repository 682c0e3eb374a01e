using System.ComponentModel.DataAnnotations;

namespace MemoryAspire.Embeddings;

/// <summary>What makes vectors from texts.</summary>
public enum EmbeddingProvider
{
    /// <summary>English word vectors that come with the program: offline, free, 100 dimensions.</summary>
    BuiltIn = 0,

    /// <summary>OpenAI, or any endpoint that speaks its embeddings API.</summary>
    OpenAI = 1,

    /// <summary>An Ollama server.</summary>
    Ollama = 2,

    /// <summary>A BERT-style sentence model in a local directory: <c>model.onnx</c> and <c>vocab.txt</c>.</summary>
    Onnx = 3,
}

/// <summary>The configuration section <c>Embeddings</c>.</summary>
public sealed class EmbeddingOptions
{
    public const string Section = "Embeddings";

    /// <summary>More is no known model's, and less is none's.</summary>
    public const int DimensionsMax = 16384;

    [EnumDataType(typeof(EmbeddingProvider), ErrorMessage = $"{Section}:Provider must be BuiltIn, OpenAI, Ollama or Onnx.")]
    public EmbeddingProvider Provider { get; set; }

    /// <summary>The model's name at the provider; required for OpenAI and Ollama. For Onnx it defaults to the directory's name.</summary>
    public string? Model { get; set; }

    /// <summary>Where the provider listens. OpenAI: its own address by default, else one that ends in <c>/v1</c>. Ollama: http://127.0.0.1:11434 by default.</summary>
    public Uri? Endpoint { get; set; }

    /// <summary>Required for OpenAI itself.</summary>
    public string? ApiKey { get; set; }

    /// <summary>The length of the model's vectors; required for OpenAI and Ollama.</summary>
    [Range(1, DimensionsMax, ErrorMessage = $"{Section}:Dimensions must be between 1 and 16384.")]
    public int? Dimensions { get; set; }

    /// <summary>
    /// Whether <see cref="Dimensions"/> is asked for in every OpenAI request. Not given: yes for OpenAI's own models of the
    /// third generation, which can shorten their vectors; others often refuse a request that names it.
    /// </summary>
    public bool? RequestDimensions { get; set; }

    /// <summary>The model's directory; required for Onnx.</summary>
    public string? Directory { get; set; }

    /// <summary>What a remote provider may take for one request, its repetitions included.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00", ParseLimitsInInvariantCulture = true, ConvertValueInInvariantCulture = true,
        ErrorMessage = $"{Section}:Timeout must be between 0.1 s and 10 minutes.")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);
}
