using System.Buffers.Binary;
using System.IO.Hashing;

namespace MemoryAspire.Index.Snapshots;

/// <summary>
/// Writes blocks: type, number in the file, payload length, payload, and XXH3 over all of these. A part that is
/// longer than a block is spread over several, without cutting a record.
/// </summary>
internal sealed class BlockWriter(Stream stream)
{
    private readonly byte[] _payload = new byte[SnapshotFormat.PayloadMax];
    private BlockType _type;
    private int _length;
    private uint _number;

    /// <summary>Room for a record of the part, in a block of it.</summary>
    public Span<byte> Take(BlockType type, int size)
    {
        if (type != _type || _length + size > _payload.Length) Flush();
        _type = type;
        var record = _payload.AsSpan(_length, size);
        _length += size;
        return record;
    }

    /// <summary>Writes what is pending.</summary>
    public void Flush()
    {
        if (_length == 0) return;
        Span<byte> header = stackalloc byte[SnapshotFormat.BlockHeaderSize], checksum = stackalloc byte[SnapshotFormat.ChecksumSize];
        BinaryPrimitives.WriteUInt32LittleEndian(header, (uint)_type);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], _number++);
        BinaryPrimitives.WriteInt64LittleEndian(header[8..], _length);
        var hash = new XxHash3();
        hash.Append(header);
        hash.Append(_payload.AsSpan(0, _length));
        BinaryPrimitives.WriteUInt64LittleEndian(checksum, hash.GetCurrentHashAsUInt64());
        stream.Write(header);
        stream.Write(_payload.AsSpan(0, _length));
        stream.Write(checksum);
        _length = 0;
    }
}
