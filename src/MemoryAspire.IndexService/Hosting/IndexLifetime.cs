using MemoryAspire.Index;

namespace MemoryAspire.IndexService.Hosting;

/// <summary>
/// Opens the index, loads it while the process already answers, and closes it as the last of what uses it. A
/// directory that cannot be had stops the start.
/// </summary>
internal sealed class IndexLifetime(SemanticIndex index, IHostApplicationLifetime lifetime) : BackgroundService
{
    private readonly TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the index can be searched.</summary>
    public Task Loaded => _loaded.Task;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await index.DisposeAsync();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await index.LoadAsync(lifetime.ApplicationStopping);
        _loaded.SetResult();
    }
}
