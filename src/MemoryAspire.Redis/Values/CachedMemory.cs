using System.Globalization;
using System.IO.Hashing;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Contracts.Positions;
using StackExchange.Redis;

namespace MemoryAspire.Redis.Values;

/// <summary>A value as Redis holds it: the public JSON, ready to be sent.</summary>
/// <param name="Position">The position of the event that made this state.</param>
/// <param name="Json">UTF-8; it matches its digest.</param>
public sealed record CachedMemory(string Epoch, string Tenant, long Version, Position Position, DateTimeOffset? ExpiresAt, ReadOnlyMemory<byte> Json)
{
    internal static readonly RedisValue[] Fields = ["e", "v", "p", "t", "x", "d", "j"];

    /// <summary>Reads <see cref="Fields"/>; null when there is no value, or its bytes do not match their digest.</summary>
    internal static CachedMemory? Read(RedisValue[] fields)
    {
        if (fields.Any(field => field.IsNull)) return null;
        var json = (ReadOnlyMemory<byte>)fields[6];
        if (fields[5] != Digest(json.Span)) return null;
        DateTimeOffset? expires = fields[4].IsNullOrEmpty ? null : Microseconds.ToTime((long)fields[4]);
        return new CachedMemory(fields[0].ToString(), fields[3].ToString(), (long)fields[1], new Position((long)fields[2]), expires, json);
    }

    /// <summary>tenant, expires, digest, json: how the scripts take a value.</summary>
    internal static RedisValue[] Arguments(MemoryRecord record)
    {
        var json = MemoryJson.Encode(record.Memory);
        return [record.Tenant, record.Memory.ExpiresAt is { } expires ? Microseconds.From(expires) : RedisValue.EmptyString, Digest(json), json];
    }

    private static string Digest(ReadOnlySpan<byte> json) => XxHash64.HashToUInt64(json).ToString("x16", CultureInfo.InvariantCulture);
}
