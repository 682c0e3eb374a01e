using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using MemoryAspire.Contracts.Identity;

namespace MemoryAspire.Contracts.Memories;

/// <summary>
/// What the index keeps of a memory, as a number: xxh64 (seed 0) over id (16 bytes, network order), version, the memory's
/// digest, tenant, user, agent, session, kind (1 byte), importance (IEEE 754 bits), created, updated and expires
/// (microseconds since 1970; the largest 64-bit number for never), and the vector's bytes. Numbers are 64-bit little endian; a
/// text is its UTF-8 length, or -1 when absent, then its UTF-8. The index has no content, so it cannot make
/// <see cref="MemoryDigest"/> anew; this it can, from the bytes it holds.
/// </summary>
public readonly record struct IndexedDigest(
    MemoryId Id,
    long Version,
    ulong Digest,
    string Tenant,
    Scope Scope,
    MemoryKind Kind,
    double Importance,
    long CreatedAt,
    long UpdatedAt,
    long? ExpiresAt)
{
    public static IndexedDigest Of(MemoryRecord record)
    {
        var memory = record.Memory;
        return new IndexedDigest(
            memory.Id, memory.Version, record.Digest, record.Tenant, memory.Scope, memory.Kind, memory.Importance,
            Microseconds.From(memory.CreatedAt), Microseconds.From(memory.UpdatedAt), memory.ExpiresAt is { } expires ? Microseconds.From(expires) : null);
    }

    public ulong With(ReadOnlySpan<byte> vector)
    {
        var hash = new XxHash64();
        Span<byte> id = stackalloc byte[MemoryId.Size];
        Id.Write(id);
        hash.Append(id);
        Append(hash, Version);
        Append(hash, (long)Digest);
        Append(hash, Tenant);
        Append(hash, Scope.User);
        Append(hash, Scope.Agent);
        Append(hash, Scope.Session);
        hash.Append([(byte)Kind]);
        Append(hash, BitConverter.DoubleToInt64Bits(Importance));
        Append(hash, CreatedAt);
        Append(hash, UpdatedAt);
        Append(hash, ExpiresAt ?? long.MaxValue);
        hash.Append(vector);
        return hash.GetCurrentHashAsUInt64();
    }

    private static void Append(XxHash64 hash, long value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
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
