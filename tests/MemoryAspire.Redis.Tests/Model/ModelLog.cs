using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Postgres.Memories;

namespace MemoryAspire.Redis.Tests.Model;

/// <summary>PostgreSQL as a dictionary: the log of two partitions and what it means.</summary>
internal sealed class ModelLog(Tier tier)
{
    private readonly Dictionary<Partition, List<MemoryEvent>> _events = [];

    public Partition[] Partitions { get; } = [tier.Partition, new((byte)(tier.Partition.Value + 1))];

    public Position Head(Partition partition) => new(EventsOf(partition).Count);

    public IReadOnlyList<MemoryEvent> After(Partition partition, Position position) => EventsOf(partition)[(int)position.Value..];

    /// <summary>Commits the next version of some memories, or their removal, in one step.</summary>
    public IReadOnlyList<MemoryEvent> Commit(Guid transaction, IReadOnlyList<MemoryId> memories, bool remove)
    {
        var events = new List<MemoryEvent>();
        foreach (var id in memories)
        {
            var position = Head(id.Partition).Next.Value;
            var version = VersionAt(id, Head(id.Partition)) + 1;
            var @event = remove ? tier.Removal(position, id, version, transaction) : tier.Event(position, id, version, transaction: transaction);
            EventsOf(id.Partition).Add(@event);
            events.Add(@event);
        }

        var span = events.GroupBy(@event => @event.Partition).Select(group => KeyValuePair.Create(group.Key, group.Last().Position)).ToList();
        for (var i = 0; i < events.Count; i++)
        {
            if (span.Count > 1) events[i] = events[i] with { Span = span };
            EventsOf(events[i].Partition)[(int)events[i].Position.Value - 1] = events[i];
        }

        return events;
    }

    /// <summary>A memory's version as of a position, its removal counted; 0 before it was created.</summary>
    public long VersionAt(MemoryId id, Position position) => LastOf(id, position)?.Version ?? 0;

    public bool Exists(MemoryId id) => LastOf(id, Head(id.Partition)) is { Removes: false };

    /// <summary>What a reader gets: the row, or null, and the version of what it saw.</summary>
    public (StoredMemory? Row, long Version, Position Head) Read(MemoryId id)
    {
        var head = Head(id.Partition);
        var last = LastOf(id, head);
        return (last?.State is { } state ? new StoredMemory(state, last.Position) { Span = last.Span } : null, last?.Version ?? 0, head);
    }

    /// <summary>The event that made a version.</summary>
    public MemoryEvent EventOf(MemoryId id, long version) =>
        EventsOf(id.Partition).Single(@event => @event.MemoryId == id && @event.Version == version);

    private MemoryEvent? LastOf(MemoryId id, Position position) =>
        EventsOf(id.Partition).Take((int)position.Value).LastOrDefault(@event => @event.MemoryId == id);

    private List<MemoryEvent> EventsOf(Partition partition) => _events.TryGetValue(partition, out var events) ? events : _events[partition] = [];
}
