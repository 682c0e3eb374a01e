using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Faiss;
using MemoryAspire.Faiss.Graphs;
using MemoryAspire.Index.Memories;
using MemoryAspire.Index.Segments;

namespace MemoryAspire.Index.Snapshots;

/// <summary>Reads a snapshot and believes none of it: checksums first, then that every number points at something.</summary>
internal static class SnapshotReader
{
    private const int LevelRecord = 1 << 16;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="InvalidDataException">The file is damaged, cut, or of another version.</exception>
    public static IndexContents Read(Stream stream, IndexOptions options)
    {
        try
        {
            return ReadAll(stream, options);
        }
        catch (Exception exception) when (exception is EndOfStreamException or ArgumentException or CapacityExceededException)
        {
            throw new InvalidDataException(exception.Message, exception);
        }
    }

    private static IndexContents ReadAll(Stream stream, IndexOptions options)
    {
        Span<byte> bytes = stackalloc byte[SnapshotFormat.HeaderSize];
        stream.ReadExactly(bytes);
        var header = SnapshotHeader.Read(bytes);
        if (header.Links != options.Links) throw new InvalidDataException($"The snapshot's graph has {header.Links} links per node; {options.Links} are configured.");
        RequirePlausible(header, stream.Length);
        var blocks = new BlockReader(stream);
        var partitions = ReadPartitions(blocks);
        var texts = ReadTexts(blocks, header.Texts);
        var memories = ReadMemories(blocks, header, partitions);
        var nodes = new NodeTable(IndexContents.ShapeOf(header.Identity, options, header.Nodes), IndexContents.SeedOf(header.Identity));
        try
        {
            ReadNodes(blocks, header, nodes);
            blocks.RequireEnd();
        }
        catch
        {
            nodes.GiveBack();
            throw;
        }

        return new IndexContents(header.Identity, options, nodes, texts, memories, partitions);
    }

    /// <summary>A count beyond what the file can hold must not reserve memory for it.</summary>
    private static void RequirePlausible(in SnapshotHeader header, long length)
    {
        var least = ((long)header.Nodes * header.Identity.Dimension * sizeof(float)) + ((long)header.Memories * SnapshotFormat.MemorySize) + header.Texts;
        if (least > length) throw new InvalidDataException("The file is shorter than what it says it holds.");
    }

    private static PartitionState[] ReadPartitions(BlockReader blocks)
    {
        var partitions = new PartitionState[Partition.Count];
        for (var i = 0; i < partitions.Length; i++)
        {
            var record = blocks.Take(BlockType.Partitions, SnapshotFormat.PartitionSize);
            partitions[i] = new PartitionState(
                new Position(BinaryPrimitives.ReadInt64LittleEndian(record)),
                BinaryPrimitives.ReadInt64LittleEndian(record[8..]),
                BinaryPrimitives.ReadUInt64LittleEndian(record[16..]));
            if (partitions[i].Applied < Position.None) throw new InvalidDataException("A position is out of range.");
        }

        return partitions;
    }

    private static TextNumbers ReadTexts(BlockReader blocks, int count)
    {
        var texts = new TextNumbers();
        for (var i = 1; i <= count; i++)
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(blocks.Take(BlockType.Texts, sizeof(uint)));
            if (length > SnapshotFormat.TextLengthMax) throw new InvalidDataException("A text's length is out of range.");
            var text = StrictUtf8.GetString(blocks.Take(BlockType.Texts, (int)length));
            if (texts.Give(text) != i) throw new InvalidDataException("A text comes twice.");
        }

        return texts;
    }

    private static Dictionary<MemoryId, IndexedMemory> ReadMemories(BlockReader blocks, in SnapshotHeader header, PartitionState[] partitions)
    {
        var memories = new Dictionary<MemoryId, IndexedMemory>(header.Memories);
        var found = new PartitionState[Partition.Count];
        for (var i = 0; i < header.Memories; i++)
        {
            var (id, memory) = MemoryRecordFormat.Read(blocks.Take(BlockType.Memories, SnapshotFormat.MemorySize), header);
            if (!memories.TryAdd(id, memory)) throw new InvalidDataException("A memory comes twice.");
            ref var partition = ref found[id.Partition.Value];
            partition = partition with { Count = partition.Count + 1, Digest = partition.Digest ^ memory.Digest };
        }

        for (var i = 0; i < found.Length; i++)
        {
            if (found[i].Count != partitions[i].Count || found[i].Digest != partitions[i].Digest) throw new InvalidDataException($"Partition {i} holds other memories than it says.");
        }

        return memories;
    }

    private static void ReadNodes(BlockReader blocks, in SnapshotHeader header, NodeTable nodes)
    {
        if (header.Nodes == 0) return;
        var levels = new byte[header.LinkedNodes];
        for (var first = 0; first < levels.Length; first += LevelRecord)
        {
            var part = levels.AsSpan(first, Math.Min(LevelRecord, levels.Length - first));
            blocks.Take(BlockType.Levels, part.Length).CopyTo(part);
        }

        var graph = nodes.Graph;
        graph.BeginRestoring(levels, header.Nodes);
        var slotsOfLevel = Enumerable.Range(0, levels.Length == 0 ? 0 : levels.Max() + 1).Select(graph.SlotsOf).ToArray();
        var size = header.Identity.Dimension * sizeof(float);
        for (var node = 0; node < header.Nodes; node++)
        {
            var vector = MemoryMarshal.Cast<byte, float>(blocks.Take(BlockType.Vectors, size));
            graph.RestoreVectors(node, vector);
            nodes.Register(node, vector);
        }

        for (var node = 0; node < levels.Length; node++)
        {
            graph.RestoreLinks(node, 1, MemoryMarshal.Cast<byte, int>(blocks.Take(BlockType.Links, slotsOfLevel[levels[node]] * sizeof(int))));
        }

        graph.FinishRestoring();
    }
}
