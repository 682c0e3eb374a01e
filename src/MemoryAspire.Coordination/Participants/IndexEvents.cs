using Google.Protobuf;
using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Contracts.Positions;
using Index = MemoryAspire.Contracts.Index;

namespace MemoryAspire.Coordination.Participants;

/// <summary>Events and positions in the index's protocol.</summary>
public static class IndexEvents
{
    public static Index.Event ToMessage(this MemoryEvent @event)
    {
        var message = new Index.Event
        {
            Partition = @event.Partition.Value,
            Position = @event.Position.Value,
            Id = @event.MemoryId.ToBytes(),
            Version = @event.Version,
            Removed = @event.Removes,
            Tenant = @event.Tenant,
            Kind = @event.Kind.ToText(),
            TransactionId = @event.TransactionId.ToBytes(),
        };
        if (@event.Scope.User is { } user) message.User = user;
        if (@event.Scope.Agent is { } agent) message.Agent = agent;
        if (@event.Scope.Session is { } session) message.Session = session;
        if (@event.State is { } state) Describe(message, state);
        return message;
    }

    public static ByteString ToBytes(this MemoryId id)
    {
        Span<byte> bytes = stackalloc byte[MemoryId.Size];
        id.Write(bytes);
        return ByteString.CopyFrom(bytes);
    }

    public static ByteString ToBytes(this Guid transaction) => ByteString.CopyFrom(transaction.ToByteArray(bigEndian: true));

    public static Index.PartitionPosition ToMessage(this KeyValuePair<Partition, Position> seen) =>
        new() { Partition = seen.Key.Value, Position = seen.Value.Value };

    private static void Describe(Index.Event message, MemoryRecord state)
    {
        var memory = state.Memory;
        message.CreatedAt = Microseconds.From(memory.CreatedAt);
        message.UpdatedAt = Microseconds.From(memory.UpdatedAt);
        if (memory.ExpiresAt is { } expires) message.ExpiresAt = Microseconds.From(expires);
        message.Importance = memory.Importance;
        message.Digest = state.Digest;
        message.Vector = UnsafeByteOperations.UnsafeWrap(state.Vector);
    }
}
