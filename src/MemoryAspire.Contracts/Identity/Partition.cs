using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace MemoryAspire.Contracts.Identity;

/// <summary>
/// One of 256 partitions: the unit of ordering, sharding and repair in all three tiers.
/// </summary>
public readonly record struct Partition(byte Value) : IComparable<Partition>
{
    /// <summary>How many partitions there are. It never changes.</summary>
    public const int Count = 256;

    /// <summary>All partitions, in order.</summary>
    public static IReadOnlyList<Partition> All { get; } = [.. Enumerable.Range(0, Count).Select(value => new Partition((byte)value))];

    /// <summary>
    /// The partition of a user's memories: xxh64 (seed 0) over tenant and user, each as UTF-8 preceded by
    /// its length in bytes (32 bits, little endian), modulo 256.
    /// </summary>
    public static Partition Of(string tenant, string user) => new((byte)Hash(tenant, user));

    /// <summary>A partition for a memory without a user: any will do, so they spread evenly.</summary>
    public static Partition Any(Random random) => new((byte)random.Next(Count));

    /// <summary>xxh64 (seed 0) over parts that are UTF-8, each preceded by its length in bytes (32 bits, little endian).</summary>
    public static ulong Hash(params ReadOnlySpan<string> parts)
    {
        var hash = new XxHash64();
        Span<byte> length = stackalloc byte[4];
        foreach (var part in parts)
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
            hash.Append(length);
            hash.Append(bytes);
        }

        return hash.GetCurrentHashAsUInt64();
    }

    public int CompareTo(Partition other) => Value.CompareTo(other.Value);

    public static bool operator <(Partition left, Partition right) => left.Value < right.Value;

    public static bool operator >(Partition left, Partition right) => left.Value > right.Value;

    public static bool operator <=(Partition left, Partition right) => left.Value <= right.Value;

    public static bool operator >=(Partition left, Partition right) => left.Value >= right.Value;

    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
