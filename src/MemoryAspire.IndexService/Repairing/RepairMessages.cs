using Google.Protobuf;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Index;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Index.Comparing;
using MemoryAspire.Index.Events;
using MemoryAspire.IndexService.Protocol;

namespace MemoryAspire.IndexService.Repairing;

/// <summary>Reads comparisons and repairs of the protocol, and writes what came of them.</summary>
internal static class RepairMessages
{
    public static Partition ReadPartition(uint number, string field) =>
        number < Partition.Count ? new Partition((byte)number) : throw Refusal.Invalid(field, "There are 256 partitions.");

    public static IdRange Read(RangesRequest.Types.Range message, int number) => new(
        ReadPartition(message.Partition, $"ranges[{number}].partition"),
        message.From.IsEmpty ? null : EventMessages.ReadId(message.From.Span, $"ranges[{number}].from"),
        message.Until.IsEmpty ? null : EventMessages.ReadId(message.Until.Span, $"ranges[{number}].until"));

    public static RangesReply.Types.Range Compare(ReadOnlySpan<ComparedRecord> records, RangesRequest.Types.Range asked)
    {
        var reply = new RangesReply.Types.Range { Equal = records.Length == asked.Count && ComparedRecords.DigestOf(records) == asked.Digest };
        if (reply.Equal || !asked.List) return reply;
        foreach (var record in records) reply.Records.Add(Write(record));
        return reply;
    }

    /// <exception cref="Grpc.Core.RpcException">A field is wrong; it is named.</exception>
    public static RecordRepair Read(RepairRequest message, int dimension)
    {
        if (message.At is null) throw Refusal.Invalid("at", "A repair is of a partition at a position.");
        var partition = ReadPartition(message.At.Partition, "at.partition");
        return new RecordRepair(
            partition, new Position(message.At.Position), [.. message.Targets.Select((target, number) => ReadTarget(target, number, partition, dimension))], message.CompareOnly);
    }

    /// <param name="states">A state per target, null for one that cannot be compared; null: refused.</param>
    public static RepairReply Write(IEnumerable<RecordState?>? states)
    {
        var reply = new RepairReply { Refused = states is null };
        if (states is not null) reply.Outcomes.AddRange(states.Select(state => state is { } known ? (RepairReply.Types.Outcome)known : RepairReply.Types.Outcome.Unknown));
        return reply;
    }

    private static IndexEvent ReadTarget(Event message, int number, Partition partition, int dimension)
    {
        var target = EventMessages.Read(message, number, dimension);
        return target.Partition == partition ? target : throw Refusal.Invalid($"targets[{number}].partition", "A repair is of one partition.");
    }

    private static RangesReply.Types.Record Write(ComparedRecord record)
    {
        Span<byte> id = stackalloc byte[MemoryId.Size];
        record.Id.Write(id);
        return new RangesReply.Types.Record { Id = ByteString.CopyFrom(id), Version = record.Version, Digest = record.Digest };
    }
}
