using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Index.Events;

namespace MemoryAspire.IndexService.Following;

/// <summary>What the index keeps of an event of the log.</summary>
internal sealed class IndexEventConversion(ILogger<IndexEventConversion> logger)
{
    public IndexEvent ToIndex(MemoryEvent @event, int dimension) =>
        new(@event.Partition, @event.Position, @event.MemoryId, @event.Version, @event.State is { } state ? ToIndex(@event, state, dimension) : null)
        {
            Transaction = @event.TransactionId,
        };

    private IndexedState ToIndex(MemoryEvent @event, MemoryRecord state, int dimension)
    {
        var vector = state.Vector;
        if (!vector.IsEmpty && VectorCheck.Problem(vector.Span, dimension) is { } problem)
        {
            // The log is the truth: an event that cannot be refused must not stop all that follow it.
            logger.VectorLeftOut(@event.MemoryId.Value, @event.Version, problem);
            vector = default;
        }

        var memory = state.Memory;
        return new IndexedState(
            state.Tenant,
            memory.Scope,
            memory.Kind,
            memory.Importance,
            Microseconds.From(memory.CreatedAt),
            Microseconds.From(memory.UpdatedAt),
            memory.ExpiresAt is { } expires ? Microseconds.From(expires) : null,
            state.Digest,
            vector);
    }
}
