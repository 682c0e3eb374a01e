using MemoryAspire.Coordination.Erasure;
using MemoryAspire.Postgres.Erasure;
using MemoryAspire.Postgres.Leadership;
using MemoryAspire.Reconciler.Leading;

namespace MemoryAspire.Reconciler.Erasing;

/// <summary>Finishes the erasures that a request did not: its process died, its patience ended, or a tier was away.</summary>
internal sealed class ErasureWork(ReconcilerLeader leader, Erasures erasures, ErasureRun run, TimeProvider time, ILogger<ErasureWork> logger)
    : LeaderWork(leader, Interval, time, logger)
{
    private const int AtOnceMax = 100;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>What a request is still busy with need not be looked at.</summary>
    private static readonly TimeSpan Age = TimeSpan.FromSeconds(2);

    /// <summary>One that cannot go on must not hold up those behind it for longer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly TimeProvider _time = time;

    protected override async Task RunAsync(LeaderTerm term, CancellationToken cancellationToken)
    {
        foreach (var erasure in await erasures.FindOpenAsync(Age, AtOnceMax, cancellationToken)) await AdvanceAsync(erasure, cancellationToken);
    }

    private async Task AdvanceAsync(ErasureRecord erasure, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            if (await run.AdvanceAsync(erasure, _ => { }, either.Token) is { FinishedAt: not null }) logger.ErasureFinished(erasure.Id);
        }
        catch (Exception exception) when (exception is ErasureRefusedException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            logger.WorkPaused(nameof(ErasureWork), exception.Message);
        }
    }
}

internal static class ErasureWorkRegistration
{
    extension(IHostApplicationBuilder builder)
    {
        public void AddErasureWork()
        {
            builder.AddErasure();
            builder.Services.AddHostedService<ErasureWork>();
        }
    }
}
