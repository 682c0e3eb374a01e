using MemoryAspire.Coordination.Database;
using MemoryAspire.Postgres.Writes;

namespace MemoryAspire.Coordination.Groups;

/// <summary>A transaction on its way through a lane, and whoever waits for its outcome.</summary>
internal sealed class PendingWrite(WriteTransaction transaction, DatabaseState database, long since, CancellationToken cancellationToken)
{
    private readonly TaskCompletionSource<Coordinated> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public WriteTransaction Transaction { get; } = transaction;

    public DatabaseState Database { get; } = database;

    /// <summary>When it came, as a timestamp.</summary>
    public long Since { get; } = since;

    public Task<Coordinated> Outcome => _outcome.Task;

    /// <summary>Whoever waited has gone, and nothing was done yet.</summary>
    public bool IsAbandoned => cancellationToken.IsCancellationRequested;

    public void Abandon() => _outcome.TrySetCanceled(cancellationToken);

    public void Settle(WriteOutcome outcome, TierStates tiers) => _outcome.TrySetResult(new Coordinated(outcome, tiers));

    public void Fail(Exception exception) => _outcome.TrySetException(exception);
}
