using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Embeddings;

namespace MemoryAspire.Embeddings.Remote;

/// <summary>OpenAI, and the many servers that speak its API.</summary>
internal static class OpenAIProvider
{
    public static IEmbeddingGenerator<string, Embedding<float>> Create(EmbeddingOptions options, TimeProvider clock)
    {
        var client = new OpenAIClientOptions
        {
            Transport = new HttpClientPipelineTransport(RemoteHttp.Create(options, clock)),
            // RemoteHttp repeats and bounds the time.
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
            NetworkTimeout = Timeout.InfiniteTimeSpan,
        };
        if (options.Endpoint is { } endpoint) client.Endpoint = endpoint;
        // Servers that want no key ignore the one that the client must send.
        var key = new ApiKeyCredential(string.IsNullOrWhiteSpace(options.ApiKey) ? "none" : options.ApiKey);
        var request = options.RequestDimensions ?? options.Model!.StartsWith("text-embedding-3", StringComparison.Ordinal);
        return new EmbeddingClient(options.Model!, key, client).AsIEmbeddingGenerator(request ? options.Dimensions : null);
    }
}
