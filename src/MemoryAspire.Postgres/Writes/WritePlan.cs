using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Postgres.Memories;

namespace MemoryAspire.Postgres.Writes;

/// <summary>
/// Turns a transaction into events, given what its locks hold still: the heads of its partitions and the rows
/// it names. Pure: the same input gives the same plan.
/// </summary>
internal static class WritePlan
{
    /// <param name="heads">The locked heads, and the time of each, never before its last event's.</param>
    /// <param name="rows">The locked rows that exist and are not expired.</param>
    public static WriteOutcome Of(
        WriteTransaction transaction,
        IReadOnlyDictionary<Partition, (Position Head, DateTimeOffset At)> heads,
        IReadOnlyDictionary<MemoryId, StoredMemory> rows)
    {
        var positions = heads.ToDictionary(pair => pair.Key, pair => pair.Value.Head);
        var gone = new HashSet<MemoryId>();
        var events = new List<MemoryEvent>(transaction.Operations.Count);
        for (var index = 0; index < transaction.Operations.Count; index++)
        {
            var operation = transaction.Operations[index];
            var partition = operation.Id.Partition;
            var position = positions[partition] = positions[partition].Next;
            var at = heads[partition].At;
            switch (operation)
            {
                case WriteOperation.Create create:
                    events.Add(Created(transaction, create, position, at));
                    break;
                case WriteOperation.Delete delete:
                    if (!rows.TryGetValue(delete.Id, out var row) || !gone.Add(delete.Id)) return new WriteOutcome.NotFound(index);
                    var current = row.Record.Memory;
                    if (delete.IfMatch is { } expected && expected != current.Version) return new WriteOutcome.VersionConflict(index, current);
                    events.Add(Deleted(transaction, current, position, at));
                    break;
                default:
                    throw new InvalidOperationException($"Unhandled operation {operation.GetType().Name}.");
            }
        }

        return new WriteOutcome.Committed(events);
    }

    private static MemoryEvent Created(WriteTransaction transaction, WriteOperation.Create create, Position position, DateTimeOffset at)
    {
        var memory = new Memory(
            create.Id, create.Content, create.Kind, create.Scope, create.Metadata, create.Importance, 1, at, at, create.ExpiresAt);
        var record = new MemoryRecord(
            transaction.Tenant, memory, create.Vector.IsEmpty ? null : 1, MemoryDigest.Of(transaction.Tenant, memory, create.Vector.Span))
        {
            Vector = create.Vector,
        };
        return new MemoryEvent(
            create.Id.Partition, position, EventType.Created, transaction.Tenant, create.Id, 1, create.Scope, record, transaction.Id, transaction.Actor, at)
        {
            Kind = create.Kind,
        };
    }

    private static MemoryEvent Deleted(WriteTransaction transaction, Memory current, Position position, DateTimeOffset at) =>
        new(
            current.Id.Partition, position, EventType.Deleted, transaction.Tenant, current.Id, current.Version + 1, current.Scope, null,
            transaction.Id, transaction.Actor, at)
        {
            Kind = current.Kind,
        };
}
