using MemoryAspire.Embeddings.Caching;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MemoryAspire.Embeddings;

/// <summary>
/// Has the model loaded when the process starts: a broken one stops the start, and the first text does not wait for it. A remote
/// provider is asked for one vector: one of another dimension stops the start; one that cannot be reached now may be later.
/// </summary>
internal sealed class EmbeddingStart(
    EmbeddingModel model, IEmbeddingGenerator<string, Embedding<float>> generator, IOptions<EmbeddingOptions> options, TimeProvider time, ILogger<EmbeddingStart> log) : IHostedService
{
    private const string Probe = "MemoryAspire";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Log.ModelChosen(log, model.Name, model.Dimension);
        if (options.Value.Provider is not (EmbeddingProvider.OpenAI or EmbeddingProvider.Ollama)) return;

        // A vector from the cache would say what the provider gave once.
        var provider = generator is CachedEmbeddingGenerator cached ? cached.Provider : generator;
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await provider.GenerateAsync([Probe], cancellationToken: either.Token);
        }
        catch (EmbeddingException exception) when (!exception.IsWrongModel)
        {
            Log.ProviderAway(log, model.Name, exception.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Log.ProviderAway(log, model.Name, $"It gave no vector within {Patience.TotalSeconds} s.");
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
