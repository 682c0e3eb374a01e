using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using ZiggyCreatures.Caching.Fusion.Internals.Distributed;
using ZiggyCreatures.Caching.Fusion.Serialization;

namespace MemoryAspire.Embeddings.Caching;

/// <summary>
/// The bytes of a cached vector, little-endian; docs/redis-format.md has them. Bytes that do not match their digest are an error,
/// which the cache takes for a miss.
/// </summary>
internal sealed class VectorSerializer : IFusionCacheSerializer
{
    private const byte FormatVersion = 1;
    private const int HeaderLength = 24;
    private const int DigestLength = 8;

    public byte[] Serialize<T>(T? obj)
    {
        if (obj is not FusionCacheDistributedEntry<float[]> entry) throw new NotSupportedException($"Only vectors are cached, not {typeof(T)}.");
        var bytes = new byte[HeaderLength + (entry.Value.Length * sizeof(float)) + DigestLength];
        bytes[0] = FormatVersion;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), entry.Value.Length);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), entry.Timestamp);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), entry.LogicalExpirationTimestamp);
        MemoryMarshal.AsBytes<float>(entry.Value).CopyTo(bytes.AsSpan(HeaderLength));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(bytes.Length - DigestLength), XxHash64.HashToUInt64(bytes.AsSpan(0, bytes.Length - DigestLength)));
        return bytes;
    }

    public T? Deserialize<T>(byte[] data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (typeof(T) != typeof(FusionCacheDistributedEntry<float[]>)) throw new NotSupportedException($"Only vectors are cached, not {typeof(T)}.");
        if (data.Length < HeaderLength + DigestLength || data[0] != FormatVersion
            || BinaryPrimitives.ReadInt32LittleEndian(data.AsSpan(4)) is var dimension && (dimension < 0 || data.Length != HeaderLength + ((long)dimension * sizeof(float)) + DigestLength)
            || BinaryPrimitives.ReadUInt64LittleEndian(data.AsSpan(data.Length - DigestLength)) != XxHash64.HashToUInt64(data.AsSpan(0, data.Length - DigestLength)))
        {
            throw new InvalidDataException("A cached vector is damaged.");
        }

        var vector = MemoryMarshal.Cast<byte, float>(data.AsSpan(HeaderLength, dimension * sizeof(float))).ToArray();
        return (T)(object)new FusionCacheDistributedEntry<float[]>(
            vector, BinaryPrimitives.ReadInt64LittleEndian(data.AsSpan(8)), BinaryPrimitives.ReadInt64LittleEndian(data.AsSpan(16)), null, null);
    }

    public ValueTask<byte[]> SerializeAsync<T>(T? obj, CancellationToken token = default) => new(Serialize(obj));

    public ValueTask<T?> DeserializeAsync<T>(byte[] data, CancellationToken token = default) => new(Deserialize<T>(data));
}
