using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace MemoryAspire.Contracts.Memories;

/// <summary>
/// xxh64 (seed 0) over, in this order: id (16 bytes, network order), version, tenant, user, agent, session,
/// kind (1 byte), importance (IEEE 754 bits), created, updated and expires (microseconds since 1970; the
/// smallest 64-bit number for never), xxh64 of the content's UTF-8, xxh64 of the canonical metadata, and the
/// vector's bytes. Numbers are 64-bit little endian; a text is its UTF-8 length, or -1 when absent, then its
/// UTF-8.
/// </summary>
public static class MemoryDigest
{
    public static ulong Of(string tenant, Memory memory, ReadOnlySpan<byte> vector)
    {
        var hash = new XxHash64();
        Span<byte> id = stackalloc byte[16];
        memory.Id.Write(id);
        hash.Append(id);
        Append(hash, memory.Version);
        Append(hash, tenant);
        Append(hash, memory.Scope.User);
        Append(hash, memory.Scope.Agent);
        Append(hash, memory.Scope.Session);
        hash.Append([(byte)memory.Kind]);
        Append(hash, BitConverter.DoubleToInt64Bits(memory.Importance));
        Append(hash, Microseconds.From(memory.CreatedAt));
        Append(hash, Microseconds.From(memory.UpdatedAt));
        Append(hash, memory.ExpiresAt is { } expires ? Microseconds.From(expires) : long.MinValue);
        Append(hash, (long)XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(memory.Content)));
        Append(hash, (long)XxHash64.HashToUInt64(CanonicalJson.Encode(memory.Metadata)));
        hash.Append(vector);
        return hash.GetCurrentHashAsUInt64();
    }

    private static void Append(XxHash64 hash, long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        hash.Append(bytes);
    }

    private static void Append(XxHash64 hash, string? text)
    {
        if (text is null)
        {
            Append(hash, -1L);
            return;
        }

        var bytes = Encoding.UTF8.GetBytes(text);
        Append(hash, bytes.LongLength);
        hash.Append(bytes);
    }
}
