using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MemoryAspire.Embeddings;

/// <summary>Has the model loaded when the process starts: a broken one stops the start, and the first text does not wait for it.</summary>
internal sealed class EmbeddingStart(EmbeddingModel model, ILogger<EmbeddingStart> log) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        Log.ModelChosen(log, model.Name, model.Dimension);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
