using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace MemoryAspire.Index.Snapshots;

/// <summary>Writes an image in the format of <see cref="SnapshotFormat"/>.</summary>
internal static class SnapshotWriter
{
    private const int LevelRecord = 1 << 16;

    public static void Write(Stream stream, SnapshotImage image)
    {
        Span<byte> header = stackalloc byte[SnapshotFormat.HeaderSize];
        image.Header.Write(header);
        stream.Write(header);
        var blocks = new BlockWriter(stream);
        WritePartitions(blocks, image);
        WriteTexts(blocks, image);
        foreach (var (id, memory) in image.Memories) MemoryRecordFormat.Write(blocks.Take(BlockType.Memories, SnapshotFormat.MemorySize), id, memory);
        WriteLevels(blocks, image);
        WriteVectors(blocks, image);
        WriteLinks(blocks, image);
        blocks.Flush();
    }

    private static void WritePartitions(BlockWriter blocks, SnapshotImage image)
    {
        foreach (var partition in image.Partitions)
        {
            var record = blocks.Take(BlockType.Partitions, SnapshotFormat.PartitionSize);
            BinaryPrimitives.WriteInt64LittleEndian(record, partition.Applied.Value);
            BinaryPrimitives.WriteInt64LittleEndian(record[8..], partition.Count);
            BinaryPrimitives.WriteUInt64LittleEndian(record[16..], partition.Digest);
        }
    }

    private static void WriteTexts(BlockWriter blocks, SnapshotImage image)
    {
        foreach (var text in image.Texts)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            if (bytes.Length > SnapshotFormat.TextLengthMax) throw new InvalidOperationException("A scope's text is longer than the format allows.");
            var record = blocks.Take(BlockType.Texts, sizeof(uint) + bytes.Length);
            BinaryPrimitives.WriteInt32LittleEndian(record, bytes.Length);
            bytes.CopyTo(record[sizeof(uint)..]);
        }
    }

    private static void WriteLevels(BlockWriter blocks, SnapshotImage image)
    {
        for (var first = 0; first < image.Levels.Length; first += LevelRecord)
        {
            var levels = image.Levels.AsSpan(first, Math.Min(LevelRecord, image.Levels.Length - first));
            levels.CopyTo(blocks.Take(BlockType.Levels, levels.Length));
        }
    }

    private static void WriteVectors(BlockWriter blocks, SnapshotImage image)
    {
        var size = image.Header.Identity.Dimension * sizeof(float);
        for (var node = 0; node < image.Header.Nodes; node++)
        {
            image.ReadVector(node, MemoryMarshal.Cast<byte, float>(blocks.Take(BlockType.Vectors, size)));
        }
    }

    private static void WriteLinks(BlockWriter blocks, SnapshotImage image)
    {
        var node = 0;
        foreach (var chunk in image.Links)
        {
            for (var at = 0; at < chunk.Length; node++)
            {
                var slots = image.SlotsOfLevel[image.Levels[node]];
                MemoryMarshal.AsBytes(chunk.AsSpan(at, slots)).CopyTo(blocks.Take(BlockType.Links, slots * sizeof(int)));
                at += slots;
            }
        }
    }
}
