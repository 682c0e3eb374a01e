using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.IO.Hashing;
using MemoryAspire.Contracts.Identity;

namespace MemoryAspire.Contracts.Positions;

/// <summary>
/// What a client has seen: the highest position per partition of one database. Tokens merge by pointwise
/// maximum. As text: base64url of the incarnation (4 bytes, little endian), then per partition, ascending,
/// its number (1 byte) and position (LEB128), then a check (xxh32 over all before it, 4 bytes, little endian).
/// A token of one partition is 14 to 22 characters long up to position 2^42.
/// </summary>
public sealed class ConsistencyToken
{
    /// <summary>No token is longer: 256 partitions of 1 + 9 bytes, in base64.</summary>
    public const int LengthMax = (((4 + (Partition.Count * 10) + 4) * 4) + 2) / 3;

    private readonly SortedList<byte, long> _positions;

    private string? _text;

    private ConsistencyToken(Incarnation incarnation, SortedList<byte, long> positions)
    {
        Incarnation = incarnation;
        _positions = positions;
    }

    public Incarnation Incarnation { get; }

    /// <summary>The partitions this token has seen, ascending, with their positions.</summary>
    public IEnumerable<KeyValuePair<Partition, Position>> Positions =>
        _positions.Select(pair => KeyValuePair.Create(new Partition(pair.Key), new Position(pair.Value)));

    public bool IsEmpty => _positions.Count == 0;

    /// <summary>The position seen in a partition; <see cref="Position.None"/> when nothing was.</summary>
    public Position this[Partition partition] =>
        _positions.TryGetValue(partition.Value, out var position) ? new Position(position) : Position.None;

    /// <summary>A token that has seen nothing.</summary>
    public static ConsistencyToken Empty(Incarnation incarnation) => new(incarnation, []);

    /// <summary>This token, having also seen a position.</summary>
    public ConsistencyToken Seeing(Partition partition, Position position) => Seeing([KeyValuePair.Create(partition, position)]);

    /// <summary>This token, having also seen some positions.</summary>
    public ConsistencyToken Seeing(IEnumerable<KeyValuePair<Partition, Position>> seen)
    {
        // Most often nothing is new, and the token stays the one it is, with its text.
        SortedList<byte, long>? positions = null;
        foreach (var (partition, position) in seen)
        {
            if (position.Value <= (positions ?? _positions).GetValueOrDefault(partition.Value)) continue;
            positions ??= new SortedList<byte, long>(_positions);
            positions[partition.Value] = position.Value;
        }

        return positions is null ? this : new ConsistencyToken(Incarnation, positions);
    }

    /// <summary>A token that has seen what either has; they must be of one database.</summary>
    public ConsistencyToken Merge(ConsistencyToken other) => IsEmpty ? other : Seeing(other.Positions);

    /// <summary>Reads a token; false for any text that <see cref="ToString"/> did not make.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out ConsistencyToken? token)
    {
        token = null;
        if (text is null || text.Length > LengthMax) return false;
        Span<byte> buffer = stackalloc byte[LengthMax];
        if (!Base64Url.IsValid(text) || !Base64Url.TryDecodeFromChars(text, buffer, out var length)) return false;
        ReadOnlySpan<byte> bytes = buffer[..length];

        // One token has one text: no padding, no white space, no stray bits in the last character.
        Span<char> again = stackalloc char[LengthMax];
        if (!text.AsSpan().SequenceEqual(again[..Base64Url.EncodeToChars(bytes, again)])) return false;
        if (bytes.Length < 8 || Check(bytes[..^4]) != BinaryPrimitives.ReadUInt32LittleEndian(bytes[^4..])) return false;
        if (!TryReadPositions(bytes[4..^4], out var positions)) return false;
        token = new ConsistencyToken(new Incarnation(BinaryPrimitives.ReadUInt32LittleEndian(bytes)), positions) { _text = text };
        return true;
    }

    public override string ToString() => _text ??= Write();

    private string Write()
    {
        var buffer = new ArrayBufferWriter<byte>(8 + (_positions.Count * 10));
        BinaryPrimitives.WriteUInt32LittleEndian(buffer.GetSpan(4), Incarnation.Value);
        buffer.Advance(4);
        foreach (var (partition, position) in _positions)
        {
            buffer.Write([partition]);
            WriteVarint(buffer, position);
        }

        var check = Check(buffer.WrittenSpan);
        BinaryPrimitives.WriteUInt32LittleEndian(buffer.GetSpan(4), check);
        buffer.Advance(4);
        return Base64Url.EncodeToString(buffer.WrittenSpan);
    }

    private static uint Check(ReadOnlySpan<byte> bytes) => XxHash32.HashToUInt32(bytes);

    private static bool TryReadPositions(ReadOnlySpan<byte> bytes, out SortedList<byte, long> positions)
    {
        positions = new SortedList<byte, long>();
        var last = -1;
        while (!bytes.IsEmpty)
        {
            var partition = bytes[0];
            if (partition <= last || !TryReadVarint(bytes[1..], out var position, out var read) || position <= 0) return false;
            positions.Add(partition, position);
            last = partition;
            bytes = bytes[(1 + read)..];
        }

        return true;
    }

    private static void WriteVarint(ArrayBufferWriter<byte> buffer, long value)
    {
        var rest = (ulong)value;
        for (; rest >= 0x80; rest >>= 7) buffer.Write([(byte)(rest | 0x80)]);
        buffer.Write([(byte)rest]);
    }

    private static bool TryReadVarint(ReadOnlySpan<byte> bytes, out long value, out int read)
    {
        value = 0;
        for (read = 0; read < Math.Min(9, bytes.Length);)
        {
            var next = bytes[read];
            value |= (long)(next & 0x7F) << (7 * read++);
            if (next < 0x80) return next != 0 || read == 1;
        }

        return false;
    }
}
