using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Redis.Intents;
using MemoryAspire.Redis.Values;
using StackExchange.Redis;

namespace MemoryAspire.Redis.Applying;

/// <summary>One call of apply.lua.</summary>
internal sealed record ApplyCall(Partition Partition, RedisKey[] Keys, RedisValue[] Arguments);

/// <summary>
/// Groups events into calls, because a call per event costs more than the event. A call holds one partition's events in
/// order of position, and never a part of a transaction. Pure.
/// </summary>
internal static class ApplyCalls
{
    /// <summary>No further transaction joins a call of so many events or bytes: Redis serves nobody else meanwhile.</summary>
    public const int EventsMax = 64, BytesMax = 1 << 20;

    /// <param name="releasing">The transactions whose intents are released with their events.</param>
    public static IEnumerable<ApplyCall> Of(
        IEnumerable<MemoryEvent> events, IReadOnlySet<Guid> releasing, Incarnation incarnation, DateTimeOffset now)
    {
        foreach (var partition in events.GroupBy(@event => @event.Partition))
        {
            var call = new Building(partition.Key);
            foreach (var @event in partition.OrderBy(@event => @event.Position))
            {
                if (call.IsFull && call.Transaction != @event.TransactionId)
                {
                    yield return call.Build(incarnation);
                    call = new Building(partition.Key);
                }

                call.Add(@event, releasing.Contains(@event.TransactionId), now);
            }

            yield return call.Build(incarnation);
        }
    }

    private sealed class Building(Partition partition)
    {
        private readonly List<RedisKey> _memories = [];
        private readonly List<RedisValue> _events = [];
        private readonly List<Intent> _releases = [];
        private long _bytes;

        public bool IsFull => _memories.Count >= EventsMax || _bytes >= BytesMax;

        /// <summary>The last event's.</summary>
        public Guid Transaction { get; private set; }

        public void Add(MemoryEvent @event, bool release, DateTimeOffset now)
        {
            Transaction = @event.TransactionId;
            _memories.Add(Keys.Memory(@event.MemoryId));
            var ttl = @event.State is { } state ? ValueLife.Left(state.Memory, now) : TimeSpan.Zero;
            _events.AddRange([@event.Position.Value, @event.Version, @event.Removes ? 1 : 0, ValueLife.Milliseconds(ttl)]);
            var value = @event.State is null ? CachedMemory.NoArguments : CachedMemory.Arguments(@event.State, @event.Span);
            _events.AddRange(value);
            _bytes += value[^1].Length();

            // Nobody can have read, nor cached, what did not exist: a memory that is created gets no intent.
            if (release && @event.Type != EventType.Created) _releases.Add(new Intent(@event.MemoryId, @event.TransactionId));
        }

        public ApplyCall Build(Incarnation incarnation) => new(
            partition,
            [Keys.Control(partition), .. _memories, .. _releases.Select(intent => Keys.Intent(intent.Memory))],
            [incarnation.ToString(), _memories.Count, .. _events, .. _releases.Select(MemoryIntents.Field)]);
    }
}
