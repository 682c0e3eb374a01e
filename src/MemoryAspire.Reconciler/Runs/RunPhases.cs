using MemoryAspire.Contracts.Identity;
using MemoryAspire.Coordination.Participants;
using MemoryAspire.Postgres.Reconciliation;
using MemoryAspire.Reconciliation.Indexes;
using MemoryAspire.Reconciliation.Reports;
using MemoryAspire.Reconciliation.Rows;
using MemoryAspire.Reconciliation.Values;
using Microsoft.Extensions.Options;

namespace MemoryAspire.Reconciler.Runs;

/// <summary>
/// The phases of a run: the rows first, because everything else is compared with them; then the index, by digests and, when asked
/// for, by stored bytes; then Redis. A tier that is away ends its own phase only.
/// </summary>
internal sealed class RunPhases(
    RowReconciliation rows, IndexReconciliation index, ValueReconciliation values, IOptions<ReconciliationOptions> options, ILogger<RunPhases> logger)
{
    /// <summary>Partitions compared by their bytes at a time: their digests are all that is kept of them.</summary>
    private const int DeepAtOnce = 8;

    private const int Count = 4;

    public async Task RunAsync(RunContext run, CancellationToken cancellationToken)
    {
        var order = run.Run.Order;
        Func<Task>?[] phases =
        [
            order.Tiers.Contains(Kinds.Postgres) ? () => RowsAsync(run, cancellationToken) : null,
            order.Tiers.Contains(Kinds.Index) ? () => IndexAsync(run, cancellationToken) : null,
            order.Deep && order.Tiers.Contains(Kinds.Index) ? () => DeepAsync(run, cancellationToken) : null,
            order.Tiers.Contains(Kinds.Redis) ? () => RedisAsync(run, cancellationToken) : null,
        ];
        for (var phase = run.Progress.Phase; phase < Count; phase++)
        {
            if (phases[phase] is { } work) await TryAsync(run, work, cancellationToken);
            await run.DoneAsync(new RunProgress(phase + 1) { Done = (phase + 1.0) / Count }, cancellationToken);
        }
    }

    private async Task TryAsync(RunContext run, Func<Task> phase, CancellationToken cancellationToken)
    {
        try
        {
            await phase();
        }
        catch (Exception exception) when ((IndexParticipant.CannotServe(exception) || RedisParticipant.CannotServe(exception)) && !cancellationToken.IsCancellationRequested)
        {
            logger.PhaseFailed(run.Run.Id, run.Progress.Step ?? "", exception.Message);
            run.Failures.Add($"{run.Progress.Step} could not be compared: {exception.Message}");
        }
    }

    private async Task RowsAsync(RunContext run, CancellationToken cancellationToken)
    {
        for (var next = run.Progress.Next; next < Partition.Count; next++)
        {
            var partition = new Partition((byte)next);
            if (!await rows.RunAsync(partition, run.Run.Order.Repair, run.Term, run.Index, run.Tally, cancellationToken)) run.Distrusted.Add(partition);
            var progress = new RunProgress(0, next + 1) { Step = Kinds.Postgres, Done = (next + 1.0) / Partition.Count / Count };

            // What was found is kept at once, the rest from time to time: the same partition compared twice finds nothing new.
            await run.AdvanceAsync(progress, cancellationToken);
        }
    }

    private async Task IndexAsync(RunContext run, CancellationToken cancellationToken)
    {
        await run.DoneAsync(new RunProgress(1) { Step = Kinds.Index, Done = 1.0 / Count }, cancellationToken);
        await index.CompareAsync(run.Index, run.Tally, run.Distrusted, run.CompareOnly, cancellationToken);
    }

    private async Task DeepAsync(RunContext run, CancellationToken cancellationToken)
    {
        for (var next = run.Progress.Phase == 2 ? run.Progress.Next : 0; next < Partition.Count; next += DeepAtOnce)
        {
            await run.DoneAsync(new RunProgress(2, next) { Step = "deep", Done = (2 + ((double)next / Partition.Count)) / Count }, cancellationToken);
            await index.CompareDeepAsync([.. Partition.All.Skip(next).Take(DeepAtOnce)], run.Index, run.Tally, run.Distrusted, run.CompareOnly, cancellationToken);
        }
    }

    private async Task RedisAsync(RunContext run, CancellationToken cancellationToken)
    {
        await run.DoneAsync(new RunProgress(3) { Step = Kinds.Redis, Done = 3.0 / Count }, cancellationToken);
        await values.RunAsync(
            run.Database.Incarnation,
            options.Value.ScanCpuShare,
            run.CompareOnly,
            run.Tally,
            done => run.ShowAsync((3 + done) / Count, cancellationToken),
            cancellationToken);
    }
}
