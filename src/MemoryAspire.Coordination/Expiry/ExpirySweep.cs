using MemoryAspire.Coordination.Database;
using MemoryAspire.Postgres.Memories;
using MemoryAspire.Postgres.Writes;

namespace MemoryAspire.Coordination.Expiry;

/// <summary>What one sweep came to.</summary>
/// <param name="Found">Memories whose time was over.</param>
/// <param name="Expired">Those that got their event in this sweep: others were removed, or given more time, meanwhile.</param>
/// <param name="IsRefused">Some could not be written: too much is waiting.</param>
public readonly record struct Sweep(int Found, int Expired, bool IsRefused);

/// <summary>
/// Gives memories whose time is over their <c>expired</c> event, as transactions like any other. Whether a memory is still to go is
/// decided under its partition's lock, so however many sweep at a time, each memory expires once.
/// </summary>
public sealed class ExpirySweep(DueMemories memories, MemoryCoordinator coordinator, TimeProvider time)
{
    /// <summary>Who did it, in the log.</summary>
    public const string Actor = "expiry";

    /// <summary>At most so many memories; those that have waited longest.</summary>
    public async Task<Sweep> RunAsync(DatabaseState database, int limit, CancellationToken cancellationToken)
    {
        var due = await memories.FindAsync(limit, cancellationToken);

        // One partition to a transaction: they have nothing to do with each other, and a span would bind them.
        var outcomes = await Task.WhenAll(due
            .GroupBy(memory => (memory.Tenant, memory.Id.Partition))
            .Select(group => ExpireAsync(database, group.Key.Tenant, group, cancellationToken)));
        return new Sweep(
            due.Count,
            outcomes.OfType<WriteOutcome.Committed>().Sum(committed => committed.Events.Count),
            outcomes.Any(outcome => outcome is not WriteOutcome.Committed));
    }

    private async Task<WriteOutcome> ExpireAsync(DatabaseState database, string tenant, IEnumerable<DueMemory> due, CancellationToken cancellationToken)
    {
        var transaction = coordinator.Begin(Guid.CreateVersion7(time.GetUtcNow()), tenant, Actor, database);
        foreach (var memory in due) transaction.Stage(new WriteOperation.Expire(memory.Id));
        return (await transaction.CommitAsync(cancellationToken)).Outcome;
    }
}
