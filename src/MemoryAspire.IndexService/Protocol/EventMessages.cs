using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Index;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Index.Events;

namespace MemoryAspire.IndexService.Protocol;

/// <summary>Reads events of the protocol.</summary>
internal static class EventMessages
{
    /// <exception cref="Grpc.Core.RpcException">A field is wrong; it is named.</exception>
    public static IndexEvent Read(Event message, int number, int dimension)
    {
        var field = $"events[{number}]";
        if (message.Partition >= Partition.Count) throw Refusal.Invalid($"{field}.partition", "There are 256 partitions.");
        if (message.Position <= 0) throw Refusal.Invalid($"{field}.position", "Positions begin at 1.");
        if (message.Version <= 0) throw Refusal.Invalid($"{field}.version", "Versions begin at 1.");
        var partition = new Partition((byte)message.Partition);
        var id = ReadId(message.Id.Span, $"{field}.id");
        if (id.Partition != partition) throw Refusal.Invalid($"{field}.id", "The id carries another partition.");
        var state = message.Removed ? null : ReadState(message, field, dimension);
        var transaction = message.TransactionId.IsEmpty ? Guid.Empty : ReadTransaction(message.TransactionId.Span, $"{field}.transaction_id");
        return new IndexEvent(partition, new Position(message.Position), id, message.Version, state) { Transaction = transaction };
    }

    public static Guid ReadTransaction(ReadOnlySpan<byte> bytes, string field) =>
        bytes.Length == MemoryId.Size ? new Guid(bytes, bigEndian: true) : throw Refusal.Invalid(field, "A transaction's id has 16 bytes.");

    public static Guid ReadHolder(ReadOnlySpan<byte> bytes, string field) =>
        bytes.Length == MemoryId.Size ? new Guid(bytes, bigEndian: true) : throw Refusal.Invalid(field, "A holder has 16 bytes.");

    public static MemoryId ReadId(ReadOnlySpan<byte> bytes, string field) =>
        bytes.Length == MemoryId.Size ? MemoryId.Read(bytes) : throw Refusal.Invalid(field, "An id has 16 bytes.");

    public static MemoryKind ReadKind(string text, string field) =>
        MemoryKinds.TryParse(text, out var kind) ? kind : throw Refusal.Invalid(field, "There is no such kind.");

    private static IndexedState ReadState(Event message, string field, int dimension)
    {
        if (message.Tenant.Length == 0) throw Refusal.Invalid($"{field}.tenant", "A memory belongs to a tenant.");
        if (!message.Vector.IsEmpty && VectorCheck.Problem(message.Vector.Span, dimension) is { } problem) throw Refusal.Invalid($"{field}.vector", problem);
        return new IndexedState(
            message.Tenant,
            new Scope(
                message.HasUser ? message.User : null,
                message.HasAgent ? message.Agent : null,
                message.HasSession ? message.Session : null),
            ReadKind(message.Kind, $"{field}.kind"),
            message.Importance,
            message.CreatedAt,
            message.UpdatedAt,
            message.HasExpiresAt ? message.ExpiresAt : null,
            message.Digest,
            message.Vector.Memory);
    }
}
