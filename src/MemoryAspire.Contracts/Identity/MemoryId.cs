using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace MemoryAspire.Contracts.Identity;

/// <summary>
/// A UUIDv7 (RFC 9562) whose 12 <c>rand_a</c> bits hold the partition, so that the id alone routes.
/// </summary>
public readonly record struct MemoryId(Guid Value) : IComparable<MemoryId>
{
    /// <summary>Bytes of an id in network byte order.</summary>
    public const int Size = 16;

    /// <summary>The partition, read from the id.</summary>
    public Partition Partition
    {
        get
        {
            Span<byte> bytes = stackalloc byte[Size];
            Write(bytes);
            return new Partition(bytes[7]);
        }
    }

    /// <summary>A new id in a partition: 48 bits of milliseconds, the partition, 62 random bits.</summary>
    public static MemoryId Create(Partition partition, DateTimeOffset at, Random random)
    {
        Span<byte> bytes = stackalloc byte[Size];
        random.NextBytes(bytes[8..]);
        BinaryPrimitives.WriteUInt64BigEndian(bytes, (ulong)at.ToUnixTimeMilliseconds() << 16);
        bytes[6] = 0x70;
        bytes[7] = partition.Value;
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new MemoryId(new Guid(bytes, bigEndian: true));
    }

    /// <summary>Reads an id; false unless it is a UUIDv7 that carries a partition.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out MemoryId id)
    {
        id = default;
        if (!Guid.TryParseExact(text, "D", out var value)) return false;
        Span<byte> bytes = stackalloc byte[Size];
        value.TryWriteBytes(bytes, bigEndian: true, out _);
        if (bytes[6] != 0x70 || (bytes[8] & 0xC0) != 0x80) return false;
        id = new MemoryId(value);
        return true;
    }

    /// <summary>Reads an id from 16 bytes in network byte order.</summary>
    /// <exception cref="ArgumentException">There are not 16 bytes.</exception>
    public static MemoryId Read(ReadOnlySpan<byte> bytes) => new(new Guid(bytes, bigEndian: true));

    /// <summary>Writes the id as 16 bytes in network byte order.</summary>
    public void Write(Span<byte> destination) => Value.TryWriteBytes(destination, bigEndian: true, out _);

    public int CompareTo(MemoryId other)
    {
        Span<byte> mine = stackalloc byte[Size], theirs = stackalloc byte[Size];
        Write(mine);
        other.Write(theirs);
        return mine.SequenceCompareTo(theirs);
    }

    public static bool operator <(MemoryId left, MemoryId right) => left.CompareTo(right) < 0;

    public static bool operator >(MemoryId left, MemoryId right) => left.CompareTo(right) > 0;

    public static bool operator <=(MemoryId left, MemoryId right) => left.CompareTo(right) <= 0;

    public static bool operator >=(MemoryId left, MemoryId right) => left.CompareTo(right) >= 0;

    public override string ToString() => Value.ToString("D");
}
