using Microsoft.Extensions.AI;
using OllamaSharp;

namespace MemoryAspire.Embeddings.Remote;

/// <summary>An Ollama server, by its own API.</summary>
internal static class OllamaProvider
{
    private static readonly Uri DefaultEndpoint = new("http://127.0.0.1:11434");

    public static IEmbeddingGenerator<string, Embedding<float>> Create(EmbeddingOptions options, TimeProvider clock)
    {
        var http = RemoteHttp.Create(options, clock);
        http.BaseAddress = options.Endpoint ?? DefaultEndpoint;
        // Ollama itself has no keys; proxies before it do.
        if (!string.IsNullOrWhiteSpace(options.ApiKey)) http.DefaultRequestHeaders.Authorization = new("Bearer", options.ApiKey);
        return new OllamaApiClient(http, options.Model!);
    }
}
