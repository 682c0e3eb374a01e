using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Postgres.Conflicts;
using MemoryAspire.Postgres.Dedupe;

namespace MemoryAspire.Postgres.Writes;

/// <summary>
/// Turns transactions into events, one after the other, each on what those before it leave, given what the group's
/// locks hold still. A transaction that fails takes no position and changes nothing. No clock, no chance: the same
/// input gives the same plan.
/// </summary>
internal sealed class WritePlan(LockedGroup locked)
{
    /// <summary>Bytes of canonical metadata; more is refused.</summary>
    private const int MetadataBytesMax = 16 * 1024;

    private readonly Dictionary<Partition, Position> _heads = locked.Heads.ToDictionary(pair => pair.Key, pair => pair.Value.Head);
    private readonly Dictionary<MemoryId, MemoryRecord?> _changed = [];
    private readonly StagedDuplicates? _duplicates = locked.Duplicates is { } found ? new(found) : null;

    /// <summary>The keys under which creates with dedupe make memories.</summary>
    public IReadOnlyList<OwnedKey> Owned => _duplicates is null ? [] : [.. _duplicates.Owned];

    /// <summary>Plans the next transaction of the group.</summary>
    public WriteOutcome Stage(WriteTransaction transaction)
    {
        var staged = new Staged(this, transaction);
        for (var index = 0; index < transaction.Operations.Count; index++)
        {
            if (staged.Add(index, transaction.Operations[index]) is { } failure) return failure;
        }

        return staged.Finish();
    }

    /// <summary>The memory as those before leave it; null when the tenant has none.</summary>
    private MemoryRecord? Current(string tenant, MemoryId id)
    {
        var record = _changed.TryGetValue(id, out var changed) ? changed : locked.Rows.GetValueOrDefault(id)?.Record;
        return record?.Tenant == tenant ? record : null;
    }

    /// <summary>As <see cref="Current"/>, also when its time is over.</summary>
    private MemoryRecord? Due(string tenant, MemoryId id)
    {
        var record = _changed.TryGetValue(id, out var changed) ? changed : locked.Due.GetValueOrDefault(id)?.Record;
        return record?.Tenant == tenant ? record : null;
    }

    /// <summary>One transaction, until it is known to succeed as a whole.</summary>
    private sealed class Staged(WritePlan plan, WriteTransaction transaction)
    {
        private readonly Dictionary<Partition, Position> _heads = [];
        private readonly Dictionary<MemoryId, MemoryRecord?> _changed = [];
        private readonly List<MemoryEvent> _events = new(transaction.Operations.Count);
        private readonly StagedDuplicates? _duplicates = plan._duplicates?.Branch();
        private List<FoundMemory>? _found;

        /// <summary>Null when the operation succeeds.</summary>
        public WriteOutcome? Add(int index, WriteOperation operation) => operation switch
        {
            WriteOperation.Create create => Create(index, create),
            WriteOperation.Update update => Update(index, update),
            WriteOperation.Delete delete => Delete(index, delete),
            WriteOperation.Expire expire => Expire(expire),
            _ => throw new InvalidOperationException($"Unhandled operation {operation.GetType().Name}."),
        };

        public WriteOutcome.Committed Finish()
        {
            foreach (var (partition, position) in _heads) plan._heads[partition] = position;
            foreach (var (id, record) in _changed) plan._changed[id] = record;
            IReadOnlyList<MemoryEvent> events = _events;
            if (_heads.Count > 1)
            {
                KeyValuePair<Partition, Position>[] span = [.. _heads.OrderBy(pair => pair.Key)];
                events = [.. _events.Select(@event => @event with { Span = span })];
            }

            if (_duplicates is not null) plan._duplicates!.Merge(_duplicates, events);
            return _found is null ? new WriteOutcome.Committed(events) : new WriteOutcome.Committed(events) { Found = [.. _found.Select(found => AsStored(found, events))] };
        }

        private WriteOutcome? Create(int index, WriteOperation.Create create)
        {
            if (_duplicates is not null && _duplicates.TryFind(transaction.Tenant, create, out var found))
            {
                (_found ??= []).Add(new FoundMemory(index, found));
                return null;
            }

            var at = At(create.Id);
            var memory = new Memory(
                create.Id, create.Content, create.Kind, create.Scope, create.Metadata, create.Importance, 1, at, at, create.ExpiresAt);
            Put(EventType.Created, memory, create.Vector.IsEmpty ? null : 1, create.Vector);
            if (create.Dedupe is not null) _duplicates!.Own(transaction.Tenant, create);
            return null;
        }

        private WriteOutcome? Update(int index, WriteOperation.Update update)
        {
            if (Current(update.Id) is not { } current) return new WriteOutcome.NotFound(index);
            var memory = current.Memory;
            var stale = update.IfMatch is { } expected && expected != memory.Version;
            if (stale && update.OnConflict == OnConflict.Fail) return new WriteOutcome.VersionConflict(index, memory);

            var now = MemoryFields.Of(memory);
            var fields = PatchRules.Apply(now, update.Patch);
            var vector = update.Vector;
            if (stale && update.OnConflict == OnConflict.Merge)
            {
                // A version that is not in the log: the caller knows something else than this memory.
                if (plan.Base(update) is not { } known) return new WriteOutcome.VersionConflict(index, memory);
                var ours = PatchRules.Apply(MemoryFields.Of(known.Memory), update.Patch);
                switch (ThreeWayMerge.Of(MemoryFields.Of(known.Memory), ours, now))
                {
                    case MergeResult.Conflicting conflict:
                        return new WriteOutcome.MergeConflict(index, conflict.Fields, memory);
                    case MergeResult.Merged merged:
                        fields = merged.Fields;
                        break;
                }

                // A vector belongs to a content: where the other side's content won, its vector stays.
                if (update.Patch.Content is not null && ours.Content == known.Memory.Content) vector = null;
                if (update.Patch.Content is null && vector is not null && known.VectorVersion != current.VectorVersion)
                {
                    return new WriteOutcome.MergeConflict(index, ["embedding"], memory);
                }
            }

            if (CanonicalJson.Encode(fields.Metadata).Length is var bytes and > MetadataBytesMax)
            {
                return new WriteOutcome.Invalid(index, "metadata", $"must be at most {MetadataBytesMax} bytes once merged, but would have {bytes}.");
            }

            var version = memory.Version + 1;
            var next = memory with
            {
                Content = fields.Content,
                Kind = fields.Kind,
                Metadata = fields.Metadata,
                Importance = fields.Importance,
                ExpiresAt = fields.ExpiresAt,
                Version = version,
                UpdatedAt = At(update.Id),
            };
            if (vector is { } brought) Put(EventType.Updated, next, brought.IsEmpty ? null : version, brought);
            else Put(EventType.Updated, next, current.VectorVersion, current.Vector);
            return null;
        }

        private WriteOutcome? Delete(int index, WriteOperation.Delete delete)
        {
            if (Current(delete.Id) is not { } current) return delete.IfExists ? null : new WriteOutcome.NotFound(index);
            var memory = current.Memory;
            if (delete.IfMatch is { } expected && expected != memory.Version) return new WriteOutcome.VersionConflict(index, memory);
            Add(EventType.Deleted, memory, memory.Version + 1, null);
            _changed[delete.Id] = null;
            return null;
        }

        private WriteOutcome? Expire(WriteOperation.Expire expire)
        {
            // Whoever moved the time before the lock was had has won; so has whoever removed the memory.
            if (Due(expire.Id) is not { Memory: { ExpiresAt: { } over } memory } || over > At(expire.Id)) return null;
            Add(EventType.Expired, memory, memory.Version + 1, null);
            _changed[expire.Id] = null;
            return null;
        }

        private MemoryRecord? Due(MemoryId id) =>
            _changed.TryGetValue(id, out var changed) ? changed : plan.Due(transaction.Tenant, id);

        private MemoryRecord? Current(MemoryId id) =>
            _changed.TryGetValue(id, out var changed) ? changed : plan.Current(transaction.Tenant, id);

        private void Put(EventType type, Memory memory, long? vectorVersion, ReadOnlyMemory<byte> vector)
        {
            var record = new MemoryRecord(transaction.Tenant, memory, vectorVersion, MemoryDigest.Of(transaction.Tenant, memory, vector.Span)) { Vector = vector };
            Add(type, memory, memory.Version, record);
            _changed[memory.Id] = record;
        }

        private void Add(EventType type, Memory memory, long version, MemoryRecord? state)
        {
            var partition = memory.Id.Partition;
            var position = _heads[partition] = (_heads.TryGetValue(partition, out var head) ? head : plan._heads[partition]).Next;
            _events.Add(new MemoryEvent(
                partition, position, type, transaction.Tenant, memory.Id, version, memory.Scope, state, transaction.Id, transaction.Actor, At(memory.Id))
            {
                Kind = memory.Kind,
            });
            _duplicates?.Note(_events[^1]);
        }

        /// <summary>What was found among the transaction's own events has its span now.</summary>
        private static FoundMemory AsStored(FoundMemory found, IReadOnlyList<MemoryEvent> events) => found with
        {
            Event = events.FirstOrDefault(@event => @event.Partition == found.Event?.Partition && @event.Position == found.Event.Position) ?? found.Event,
        };

        private DateTimeOffset At(MemoryId id) => plan.At(id.Partition);
    }

    private DateTimeOffset At(Partition partition) => locked.Heads[partition].At;

    /// <summary>The state that an update's caller knows, from the log.</summary>
    private MemoryRecord? Base(WriteOperation.Update update) => locked.Bases.GetValueOrDefault((update.Id, update.IfMatch!.Value))?.State;

}
