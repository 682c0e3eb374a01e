using MemoryAspire.Contracts.Index;
using MemoryAspire.Coordination.Database;
using MemoryAspire.Postgres.Leadership;
using MemoryAspire.Postgres.Log;
using MemoryAspire.Postgres.Reconciliation;
using MemoryAspire.Postgres.Schema;
using MemoryAspire.Reconciler.Leading;
using MemoryAspire.Reconciliation.Indexes;
using MemoryAspire.Reconciliation.Reports;
using MemoryAspire.ServiceDefaults.Resilience;
using Microsoft.Extensions.Options;

namespace MemoryAspire.Reconciler.Runs;

/// <summary>While this process leads: works on runs, one after the other, those that were asked for and those that are due.</summary>
internal sealed class ReconciliationWorker(
    ReconcilerLeader leader,
    ReconciliationRuns runs,
    RunPhases phases,
    EventLog log,
    Generations generations,
    MemoryIndexRepair.MemoryIndexRepairClient index,
    ReconciliationInstruments instruments,
    IOptions<ReconciliationOptions> options,
    TimeProvider time,
    ILogger<ReconciliationWorker> logger) : BackgroundService
{
    /// <summary>How often the leader looks for what was asked.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private const string Actor = "reconciler";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        var begun = time.GetTimestamp();
        do
        {
            if (leader.Term is not { } term) continue;
            using var leading = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, term.Lost);
            try
            {
                if (options.Value.Scheduled) await ScheduleAsync(term, time.GetElapsedTime(begun), leading.Token);
                while (await runs.TakeAsync(term, leading.Token) is { } run) await WorkAsync(run, term, leading.Token);
            }
            catch (Exception exception) when (StoreFailures.IsPostgresAway(exception) || exception is LeadershipLostException)
            {
                // The run stays as it was kept, for this process or another one.
                logger.RunPaused(exception.Message);
            }
            catch (OperationCanceledException) when (term.Lost.IsCancellationRequested && !stoppingToken.IsCancellationRequested)
            {
                logger.RunPaused("This process no longer leads.");
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task ScheduleAsync(LeaderTerm term, TimeSpan alive, CancellationToken cancellationToken)
    {
        await runs.ScheduleAsync(term, Actor, ReconciliationOrder.Usual, options.Value.Interval, alive, cancellationToken);
        await runs.ScheduleAsync(term, Actor, ReconciliationOrder.Usual with { Deep = true }, options.Value.DeepInterval, alive, cancellationToken);
    }

    private async Task WorkAsync(ReconciliationRun run, LeaderTerm term, CancellationToken cancellationToken)
    {
        if (await generations.ReadLiveAsync(cancellationToken) is not { } generation)
        {
            await runs.FinishAsync(term, run.Id, "failed", "The database has no generation of the index yet.", run.Progress, run.Report, cancellationToken);
            return;
        }

        var database = new DatabaseState(await log.ReadHeadsAsync(cancellationToken), generation);
        var tally = new Tally(instruments, ReconciliationReport.Of(run.Report));
        var context = new RunContext(run, term, database, new IndexCalls(index, database, term.Epoch, tally, time), tally, runs, time);
        logger.RunBegun(run.Id, run.Progress.Phase);
        var (state, error) = await TryAsync(context, cancellationToken);
        var report = tally.Report;
        await runs.FinishAsync(term, run.Id, state, error, context.Progress, report.ToJson(), cancellationToken);
        instruments.RunOver(state, time.GetUtcNow() - (run.StartedAt ?? run.RequestedAt));
        logger.RunOver(run.Id, state, report.Differences.Sum(one => one.Count), report.Repaired, report.Unrepairable);
    }

    private async Task<(string State, string? Error)> TryAsync(RunContext context, CancellationToken cancellationToken)
    {
        try
        {
            await phases.RunAsync(context, cancellationToken);
            return context.Failures.Count == 0 ? ("completed", null) : ("failed", string.Join(" ", context.Failures));
        }
        catch (RunCancelledException)
        {
            return ("cancelled", null);
        }
        catch (Exception exception) when (
            exception is not (LeadershipLostException or OperationCanceledException) && !StoreFailures.IsPostgresAway(exception))
        {
            // One run that cannot be done must not keep all others from being done.
            logger.RunFailed(context.Run.Id, exception);
            return ("failed", exception.GetType().Name);
        }
    }
}
