using MemoryAspire.Faiss;
using MemoryAspire.IndexService.Hosting;
using MemoryAspire.Postgres.Log;
using MemoryAspire.Postgres.Schema;

namespace MemoryAspire.IndexService.Following;

/// <summary>Keeps the index applied to the log's heads, from where the index itself has come.</summary>
internal sealed class IndexFollower(
    IndexLifetime index,
    IndexProgress progress,
    SchemaGate gate,
    LogFollower follower,
    IndexLogConsumer consumer,
    TierInstruments instruments,
    TimeProvider time,
    ILogger<IndexFollower> logger)
    : BackgroundService
{
    private readonly MeasuredTier _tier = new("index", consumer, instruments, time);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await index.Loaded.WaitAsync(stoppingToken);
        await gate.Opened.WaitAsync(stoppingToken);
        await follower.RunAsync(_tier, IsFull, CaughtUp, stoppingToken);
    }

    /// <summary>A full index stays where it is until something is deleted or its capacity is raised.</summary>
    private static bool IsFull(Exception exception) => exception is CapacityExceededException or InsufficientMemoryException;

    private void CaughtUp()
    {
        if (progress.CaughtUp()) logger.CaughtUp();
    }
}

internal static class IndexFollowerRegistration
{
    extension(IHostApplicationBuilder builder)
    {
        public void AddIndexFollower() => builder.Services.AddSingleton<IndexEventConversion>().AddSingleton<IndexLogConsumer>().AddHostedService<IndexFollower>();
    }
}
