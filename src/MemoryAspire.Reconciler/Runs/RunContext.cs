using MemoryAspire.Coordination.Database;
using MemoryAspire.Postgres.Leadership;
using MemoryAspire.Postgres.Reconciliation;
using MemoryAspire.Reconciliation.Indexes;
using MemoryAspire.Reconciliation.Reports;

namespace MemoryAspire.Reconciler.Runs;

/// <summary>Somebody asked for the run to stop.</summary>
internal sealed class RunCancelledException : Exception;

/// <summary>One run in the hands of the leader.</summary>
internal sealed class RunContext(ReconciliationRun run, LeaderTerm term, DatabaseState database, IndexCalls index, Tally tally, ReconciliationRuns runs, TimeProvider time)
{
    /// <summary>How often progress within a step is kept.</summary>
    private static readonly TimeSpan SaveInterval = TimeSpan.FromMilliseconds(500);

    private long _savedAt = time.GetTimestamp();
    private long _found = tally.Report.Differences.Sum(difference => difference.Count);

    public ReconciliationRun Run => run;

    public LeaderTerm Term => term;

    public DatabaseState Database => database;

    public IndexCalls Index => index;

    public Tally Tally => tally;

    public bool CompareOnly => run.Order.Repair == RepairMode.None;

    /// <summary>Partitions whose rows are not what their log says, and stay so.</summary>
    public HashSet<Contracts.Identity.Partition> Distrusted { get; } = [.. run.Progress.Distrusted.Select(partition => new Contracts.Identity.Partition((byte)partition))];

    /// <summary>The tiers that could not be compared, and why.</summary>
    public List<string> Failures { get; } = [.. run.Progress.Failures];

    public RunProgress Progress { get; private set; } = run.Progress;

    /// <summary>Keeps that a step is done.</summary>
    /// <exception cref="RunCancelledException">It is to stop.</exception>
    /// <exception cref="LeadershipLostException">Another process leads, and goes on with it.</exception>
    public Task DoneAsync(RunProgress progress, CancellationToken cancellationToken)
    {
        Progress = progress;
        return SaveAsync(cancellationToken);
    }

    /// <summary>Advances by a step; keeps it at once when the step found something, and else from time to time.</summary>
    /// <exception cref="RunCancelledException">It is to stop.</exception>
    /// <exception cref="LeadershipLostException">Another process leads, and goes on with it.</exception>
    public async Task AdvanceAsync(RunProgress progress, CancellationToken cancellationToken)
    {
        Progress = progress;
        var found = tally.Report.Differences.Sum(difference => difference.Count);
        if (found == _found && time.GetElapsedTime(_savedAt) < SaveInterval) return;
        _found = found;
        await SaveAsync(cancellationToken);
    }

    /// <summary>Shows progress within a step; what was found since the last step is kept with it.</summary>
    /// <exception cref="RunCancelledException">It is to stop.</exception>
    /// <exception cref="LeadershipLostException">Another process leads.</exception>
    public async Task ShowAsync(double done, CancellationToken cancellationToken)
    {
        Progress = Progress with { Done = done };
        if (time.GetElapsedTime(_savedAt) >= SaveInterval) await SaveAsync(cancellationToken);
    }

    private async Task SaveAsync(CancellationToken cancellationToken)
    {
        Progress = Progress with { Distrusted = [.. Distrusted.Select(partition => (int)partition.Value)], Failures = Failures };
        if (await runs.SaveAsync(term, run.Id, Progress, tally.Report.ToJson(), cancellationToken)) throw new RunCancelledException();
        _savedAt = time.GetTimestamp();
    }
}
