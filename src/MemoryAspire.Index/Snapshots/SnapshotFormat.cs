using System.Buffers.Binary;
using System.IO.Hashing;
using MemoryAspire.Contracts.Positions;

namespace MemoryAspire.Index.Snapshots;

/// <summary>The byte format of <c>docs/index-format.md</c>: numbers are little endian.</summary>
internal static class SnapshotFormat
{
    public const string FileName = "index.snapshot";
    public const uint Version = 2;
    public const int HeaderSize = 64;
    public const int BlockHeaderSize = 16;
    public const int ChecksumSize = 8;
    public const int MemorySize = 88;
    public const int PartitionSize = 24;
    public const uint TextLengthMax = 64 * 1024;

    /// <summary>No block's payload is longer, so that a reader knows what to reserve.</summary>
    public const int PayloadMax = 4 << 20;

    public static ReadOnlySpan<byte> Magic => "MEMINDEX"u8;
}

/// <summary>The parts of a file, in this order.</summary>
internal enum BlockType : uint
{
    Partitions = 1,
    Texts = 2,
    Memories = 3,
    Levels = 4,
    Vectors = 5,
    Links = 6,
}

/// <summary>The first 64 bytes.</summary>
internal readonly record struct SnapshotHeader(IndexIdentity Identity, int Links, int Nodes, int LinkedNodes, int Memories, int Texts, long WrittenAt)
{
    public void Write(Span<byte> header)
    {
        header.Clear();
        SnapshotFormat.Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], SnapshotFormat.Version);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], Identity.Dimension);
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], Identity.Incarnation.Value);
        BinaryPrimitives.WriteInt32LittleEndian(header[20..], Links);
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], Identity.Generation);
        BinaryPrimitives.WriteInt32LittleEndian(header[32..], Nodes);
        BinaryPrimitives.WriteInt32LittleEndian(header[36..], Memories);
        BinaryPrimitives.WriteInt32LittleEndian(header[40..], Texts);
        BinaryPrimitives.WriteInt32LittleEndian(header[44..], LinkedNodes);
        BinaryPrimitives.WriteInt64LittleEndian(header[48..], WrittenAt);
        BinaryPrimitives.WriteUInt64LittleEndian(header[56..], XxHash3.HashToUInt64(header[..56]));
    }

    /// <exception cref="InvalidDataException">This is not the beginning of a snapshot that this program reads.</exception>
    public static SnapshotHeader Read(ReadOnlySpan<byte> header)
    {
        if (!header[..8].SequenceEqual(SnapshotFormat.Magic)) throw new InvalidDataException("This is not a snapshot.");
        if (BinaryPrimitives.ReadUInt32LittleEndian(header[8..]) != SnapshotFormat.Version) throw new InvalidDataException("The snapshot has another format version.");
        if (BinaryPrimitives.ReadUInt64LittleEndian(header[56..]) != XxHash3.HashToUInt64(header[..56])) throw new InvalidDataException("The header is damaged.");
        var read = new SnapshotHeader(
            new IndexIdentity(
                new Incarnation(BinaryPrimitives.ReadUInt32LittleEndian(header[16..])),
                BinaryPrimitives.ReadInt64LittleEndian(header[24..]),
                BinaryPrimitives.ReadInt32LittleEndian(header[12..])),
            BinaryPrimitives.ReadInt32LittleEndian(header[20..]),
            BinaryPrimitives.ReadInt32LittleEndian(header[32..]),
            BinaryPrimitives.ReadInt32LittleEndian(header[44..]),
            BinaryPrimitives.ReadInt32LittleEndian(header[36..]),
            BinaryPrimitives.ReadInt32LittleEndian(header[40..]),
            BinaryPrimitives.ReadInt64LittleEndian(header[48..]));
        return read is { Identity.Dimension: > 0 and <= 16_384, Links: >= 4 and <= 64, Nodes: >= 0, LinkedNodes: >= 0, Memories: >= 0, Texts: >= 0 } && read.LinkedNodes <= read.Nodes
            ? read
            : throw new InvalidDataException("The header's numbers are out of range.");
    }
}
