using System.Globalization;
using System.IO.Hashing;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Contracts.Positions;
using StackExchange.Redis;

namespace MemoryAspire.Redis.Values;

/// <summary>A value as Redis holds it: the public JSON, ready to be sent.</summary>
/// <param name="Position">The position of the event that made this state.</param>
/// <param name="Json">UTF-8; it matches its digest.</param>
public sealed record CachedMemory(string Epoch, string Tenant, long Version, Position Position, DateTimeOffset? ExpiresAt, ReadOnlyMemory<byte> Json)
{
    internal static readonly RedisValue[] Fields = ["e", "v", "p", "t", "x", "s", "d", "j"];

    /// <summary>What the scripts take instead of <see cref="Arguments"/> when a memory goes.</summary>
    internal static readonly RedisValue[] NoArguments = ["", "", "", "", ""];

    /// <summary>The span of that event's transaction; empty when it has one partition only.</summary>
    public IReadOnlyList<KeyValuePair<Partition, Position>> Span { get; init; } = [];

    /// <summary>What a reader of this has seen: the event's position, and its transaction in the other partitions.</summary>
    public IEnumerable<KeyValuePair<Partition, Position>> SeenIn(Partition partition) => [KeyValuePair.Create(partition, Position), .. Span];

    /// <summary>Reads <see cref="Fields"/>; null when there is no value, or its bytes do not match their digest.</summary>
    internal static CachedMemory? Read(RedisValue[] fields)
    {
        if (fields.Any(field => field.IsNull)) return null;
        var json = (ReadOnlyMemory<byte>)fields[7];
        if (fields[6] != Digest(json.Span) || !SpanText.TryRead(fields[5].ToString(), out var span)) return null;
        DateTimeOffset? expires = fields[4].IsNullOrEmpty ? null : Microseconds.ToTime((long)fields[4]);
        return new CachedMemory(fields[0].ToString(), fields[3].ToString(), (long)fields[1], new Position((long)fields[2]), expires, json) { Span = span };
    }

    /// <summary>tenant, expires, span, digest, json: how the scripts take a value.</summary>
    internal static RedisValue[] Arguments(MemoryRecord record, IEnumerable<KeyValuePair<Partition, Position>> span)
    {
        var json = MemoryJson.Encode(record.Memory);
        return
        [
            record.Tenant,
            record.Memory.ExpiresAt is { } expires ? Microseconds.From(expires) : RedisValue.EmptyString,
            SpanText.Write(span),
            Digest(json),
            json,
        ];
    }

    private static string Digest(ReadOnlySpan<byte> json) => XxHash64.HashToUInt64(json).ToString("x16", CultureInfo.InvariantCulture);
}
