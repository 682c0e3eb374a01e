using Microsoft.Extensions.Options;

namespace MemoryAspire.Embeddings;

/// <summary>What one setting demands of the others.</summary>
internal sealed class EmbeddingOptionsValidator : IValidateOptions<EmbeddingOptions>
{
    public ValidateOptionsResult Validate(string? name, EmbeddingOptions options)
    {
        var failures = Failures(options).ToList();
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<string> Failures(EmbeddingOptions options) => options.Provider switch
    {
        EmbeddingProvider.BuiltIn => BuiltInFailures(options),
        EmbeddingProvider.OpenAI => RemoteFailures(options).Concat(OpenAIFailures(options)),
        EmbeddingProvider.Ollama => RemoteFailures(options),
        EmbeddingProvider.Onnx => OnnxFailures(options),
        _ => [],
    };

    private static IEnumerable<string> BuiltInFailures(EmbeddingOptions options)
    {
        var dimension = BuiltIn.BuiltInEmbeddingGenerator.Model.Dimension;
        if ((options.Dimensions ?? dimension) != dimension) yield return $"Embeddings:Dimensions must be {dimension}, or absent, for the built-in provider.";
        if (options.Model is not null) yield return "Embeddings:Model is not for the built-in provider: set Embeddings:Provider too, or remove it.";
    }

    private static IEnumerable<string> RemoteFailures(EmbeddingOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.Model)) yield return $"Embeddings:Model is required for {options.Provider}.";
        if (options.Dimensions is null) yield return $"Embeddings:Dimensions is required for {options.Provider}: the length of the model's vectors.";
        if (options.Endpoint is { } endpoint && !(endpoint.IsAbsoluteUri && endpoint.Scheme is "http" or "https"))
        {
            yield return "Embeddings:Endpoint must be an absolute http or https URL.";
        }
    }

    private static IEnumerable<string> OpenAIFailures(EmbeddingOptions options)
    {
        if (options.Endpoint is null && string.IsNullOrWhiteSpace(options.ApiKey)) yield return "Embeddings:ApiKey is required for OpenAI.";
    }

    private static IEnumerable<string> OnnxFailures(EmbeddingOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.Directory))
        {
            yield return "Embeddings:Directory is required for Onnx.";
            yield break;
        }

        foreach (var file in new[] { Onnx.OnnxModel.ModelFile, Onnx.OnnxModel.VocabularyFile })
        {
            if (!File.Exists(Path.Combine(options.Directory, file))) yield return $"Embeddings:Directory has no {file}: {options.Directory}.";
        }
    }
}
