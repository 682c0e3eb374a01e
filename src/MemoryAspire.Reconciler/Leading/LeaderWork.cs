using MemoryAspire.Postgres.Leadership;
using MemoryAspire.ServiceDefaults.Resilience;
using Npgsql;

namespace MemoryAspire.Reconciler.Leading;

/// <summary>Work that is done at intervals while this process leads, and stops with its term.</summary>
internal abstract class LeaderWork(ReconcilerLeader leader, TimeSpan interval, TimeProvider time, ILogger logger) : BackgroundService
{
    protected abstract Task RunAsync(LeaderTerm term, CancellationToken cancellationToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (leader.Term is not { } term) continue;
            using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, term.Lost);
            try
            {
                await RunAsync(term, cancellation.Token);
            }
            catch (Exception exception) when (IsPassing(exception, term))
            {
                logger.WorkPaused(GetType().Name, exception.Message);
            }
        }
    }

    /// <summary>The next round, or the next leader, goes on from what PostgreSQL has.</summary>
    private static bool IsPassing(Exception exception, LeaderTerm term) =>
        StoreFailures.IsPostgresAway(exception)
        || exception is NpgsqlException or LeadershipLostException or Postgres.Writes.UnknownOutcomeException
        || (exception is OperationCanceledException && term.Lost.IsCancellationRequested);
}
