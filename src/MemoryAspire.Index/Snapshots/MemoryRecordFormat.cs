using System.Buffers.Binary;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Index.Memories;

namespace MemoryAspire.Index.Snapshots;

/// <summary>One memory in 88 bytes.</summary>
internal static class MemoryRecordFormat
{
    public static void Write(Span<byte> record, MemoryId id, in IndexedMemory memory)
    {
        record.Clear();
        id.Write(record);
        BinaryPrimitives.WriteInt64LittleEndian(record[16..], memory.Version);
        BinaryPrimitives.WriteInt32LittleEndian(record[24..], memory.Node);
        BinaryPrimitives.WriteUInt32LittleEndian(record[28..], memory.Tenant);
        BinaryPrimitives.WriteUInt32LittleEndian(record[32..], memory.User);
        BinaryPrimitives.WriteUInt32LittleEndian(record[36..], memory.Agent);
        BinaryPrimitives.WriteUInt32LittleEndian(record[40..], memory.Session);
        record[44] = memory.Kind;
        BinaryPrimitives.WriteInt64LittleEndian(record[48..], memory.CreatedAt);
        BinaryPrimitives.WriteInt64LittleEndian(record[56..], memory.UpdatedAt);
        BinaryPrimitives.WriteInt64LittleEndian(record[64..], memory.ExpiresAt);
        BinaryPrimitives.WriteUInt64LittleEndian(record[72..], memory.Digest);
        BinaryPrimitives.WriteDoubleLittleEndian(record[80..], memory.Importance);
    }

    /// <exception cref="InvalidDataException">A number points at nothing.</exception>
    public static (MemoryId Id, IndexedMemory Memory) Read(ReadOnlySpan<byte> record, in SnapshotHeader header)
    {
        var memory = new IndexedMemory
        {
            Version = BinaryPrimitives.ReadInt64LittleEndian(record[16..]),
            Node = BinaryPrimitives.ReadInt32LittleEndian(record[24..]),
            Tenant = BinaryPrimitives.ReadUInt32LittleEndian(record[28..]),
            User = BinaryPrimitives.ReadUInt32LittleEndian(record[32..]),
            Agent = BinaryPrimitives.ReadUInt32LittleEndian(record[36..]),
            Session = BinaryPrimitives.ReadUInt32LittleEndian(record[40..]),
            Kind = record[44],
            CreatedAt = BinaryPrimitives.ReadInt64LittleEndian(record[48..]),
            UpdatedAt = BinaryPrimitives.ReadInt64LittleEndian(record[56..]),
            ExpiresAt = BinaryPrimitives.ReadInt64LittleEndian(record[64..]),
            Digest = BinaryPrimitives.ReadUInt64LittleEndian(record[72..]),
            Importance = BinaryPrimitives.ReadDoubleLittleEndian(record[80..]),
            Row = IndexedMemory.None,
        };
        var textMax = (uint)header.Texts;
        var fits = memory.Node >= IndexedMemory.None && memory.Node < header.Nodes
            && memory.Tenant != 0 && memory.Tenant <= textMax
            && memory.User <= textMax && memory.Agent <= textMax && memory.Session <= textMax
            && Enum.IsDefined((MemoryKind)memory.Kind);
        return fits ? (MemoryId.Read(record[..MemoryId.Size]), memory) : throw new InvalidDataException("A memory's numbers are out of range.");
    }
}
