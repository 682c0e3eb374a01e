using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Coordination.Database;
using MemoryAspire.Postgres.Erasure;
using MemoryAspire.Postgres.Writes;

namespace MemoryAspire.Coordination.Erasure;

/// <summary>
/// Erases memories from the source of truth, some at a time: those that are still there are deleted, as a transaction like any other,
/// so that every tier lets go of them; then the log forgets what they were. Dying in between leaves memories that are deleted, but
/// that the log still knows: they are found again.
/// </summary>
public sealed class LogErasure(ErasableMemories memories, MemoryCoordinator coordinator, IEnumerable<IErasedTexts> texts, TimeProvider time)
{
    private const int AtOnceMax = 500;

    /// <summary>Returns when the log knows nothing of the erasure's memories any more.</summary>
    /// <param name="seen">Told what the deletions wrote.</param>
    /// <exception cref="ErasureRefusedException">Too many writes are waiting.</exception>
    public async Task RunAsync(
        ErasureRecord erasure, DatabaseState database, Action<IEnumerable<KeyValuePair<Partition, Position>>> seen, CancellationToken cancellationToken)
    {
        foreach (var partition in erasure.Target.PartitionsOf(erasure.Tenant)) await RunAsync(erasure, partition, database, seen, cancellationToken);
    }

    private async Task RunAsync(
        ErasureRecord erasure, Partition partition, DatabaseState database, Action<IEnumerable<KeyValuePair<Partition, Position>>> seen,
        CancellationToken cancellationToken)
    {
        while (await memories.FindAsync(erasure, partition, default, AtOnceMax, cancellationToken) is { Count: > 0 } ids)
        {
            seen(await DeleteAsync(erasure, ids, database, cancellationToken));
            var contents = await memories.ReadContentsAsync(partition, ids, cancellationToken);
            foreach (var keeper in texts) await keeper.RemoveAsync(contents, cancellationToken);
            await memories.RedactAsync(erasure, partition, ids, cancellationToken);
        }
    }

    private async Task<IEnumerable<KeyValuePair<Partition, Position>>> DeleteAsync(
        ErasureRecord erasure, IReadOnlyList<MemoryId> ids, DatabaseState database, CancellationToken cancellationToken)
    {
        var transaction = coordinator.Begin(Guid.CreateVersion7(time.GetUtcNow()), erasure.Tenant, erasure.Actor, database);
        foreach (var id in ids)
        {
            // To a deletion, a memory whose time is over is absent; its row is not.
            transaction.Stage(new WriteOperation.Expire(id));
            transaction.Stage(new WriteOperation.Delete(id, IfExists: true));
        }

        return await transaction.CommitAsync(cancellationToken) is { Outcome: WriteOutcome.Committed committed }
            ? committed.Events.Select(@event => KeyValuePair.Create(@event.Partition, @event.Position))
            : throw new ErasureRefusedException();
    }
}

/// <summary>The memories could not be deleted now; what was done stays done.</summary>
public sealed class ErasureRefusedException(string? reason = null) : Exception(reason ?? "Too many writes are waiting for the memories to be deleted.");
