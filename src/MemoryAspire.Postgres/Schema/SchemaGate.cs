using MemoryAspire.ServiceDefaults.Resilience;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MemoryAspire.Postgres.Schema;

/// <summary>
/// Brings the schema up to date in the background, so that a service starts, and serves what it can, while
/// PostgreSQL is away.
/// </summary>
public sealed class SchemaGate(SchemaMigrations migrations, TimeProvider time, ILogger<SchemaGate> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the schema is the one this program knows.</summary>
    public Task Opened => _opened.Task;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await migrations.ApplyAsync(stoppingToken);
                _opened.SetResult();
                return;
            }
            catch (Exception exception) when (StoreFailures.IsPostgresAway(exception))
            {
                logger.SchemaNotReady(exception);
                await Task.Delay(Pause, time, stoppingToken);
            }
        }
    }
}
