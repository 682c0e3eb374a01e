using System.Buffers.Binary;
using System.IO.Hashing;

namespace MemoryAspire.Index.Snapshots;

/// <summary>Reads records out of blocks, each of which is verified before a byte of it is used.</summary>
internal sealed class BlockReader(Stream stream)
{
    private byte[] _payload = [];
    private BlockType _type;
    private int _length, _at;
    private uint _number;

    /// <summary>The next record of a part.</summary>
    /// <exception cref="InvalidDataException">The block is damaged, or holds something else.</exception>
    public ReadOnlySpan<byte> Take(BlockType type, int size)
    {
        if (_at == _length) ReadBlock();
        if (type != _type || size > _length - _at) throw new InvalidDataException($"A block holds {_type}, {_length} bytes, where {type} was to come.");
        var record = _payload.AsSpan(_at, size);
        _at += size;
        return record;
    }

    /// <exception cref="InvalidDataException">Something follows the last record.</exception>
    public void RequireEnd()
    {
        if (_at != _length || stream.ReadByte() >= 0) throw new InvalidDataException("Something follows the end.");
    }

    private void ReadBlock()
    {
        Span<byte> header = stackalloc byte[SnapshotFormat.BlockHeaderSize], checksum = stackalloc byte[SnapshotFormat.ChecksumSize];
        stream.ReadExactly(header);
        var length = BinaryPrimitives.ReadInt64LittleEndian(header[8..]);
        if (length is <= 0 or > SnapshotFormat.PayloadMax) throw new InvalidDataException("A block's length is out of range.");
        if (BinaryPrimitives.ReadUInt32LittleEndian(header[4..]) != _number++) throw new InvalidDataException("A block is out of order.");
        if (length > stream.Length - stream.Position) throw new InvalidDataException("A block is cut.");
        _length = (int)length;
        _at = 0;
        if (_payload.Length < _length) _payload = new byte[_length];
        _type = (BlockType)BinaryPrimitives.ReadUInt32LittleEndian(header);
        stream.ReadExactly(_payload.AsSpan(0, _length));
        stream.ReadExactly(checksum);
        var hash = new XxHash3();
        hash.Append(header);
        hash.Append(_payload.AsSpan(0, _length));
        if (BinaryPrimitives.ReadUInt64LittleEndian(checksum) != hash.GetCurrentHashAsUInt64()) throw new InvalidDataException("A block is damaged.");
    }
}
