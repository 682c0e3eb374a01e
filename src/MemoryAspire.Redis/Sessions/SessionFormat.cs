using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.IO.Hashing;
using System.Text.Json;
using MemoryAspire.Contracts.Memories;
using StackExchange.Redis;

namespace MemoryAspire.Redis.Sessions;

/// <summary>
/// The fields of a session's hash; docs/redis-format.md has them all. Texts are JSON in UTF-8 behind their digest: xxh64 (seed 0)
/// in 16 hexadecimal digits.
/// </summary>
internal static class SessionFormat
{
    private const long Version = 1;
    private const int DigestLength = 16;

    public static byte[] Encode(SessionMessage message) => Seal(JsonSerializer.SerializeToUtf8Bytes(message, MemoryJson.Options));

    public static byte[] Encode(JsonElement json) => Seal(JsonSerializer.SerializeToUtf8Bytes(json, MemoryJson.Options));

    /// <summary>False when something of it is missing or does not match its digest.</summary>
    public static bool TryDecode(IReadOnlyList<RedisValue> pairs, [NotNullWhen(true)] out Session? session)
    {
        session = null;
        var fields = new Dictionary<string, RedisValue>(pairs.Count / 2, StringComparer.Ordinal);
        for (var at = 0; at + 1 < pairs.Count; at += 2) fields[(string)pairs[at]!] = pairs[at + 1];
        try
        {
            if (Number(fields, "w") != Version) return false;
            var (first, next) = (Number(fields, "f"), Number(fields, "n"));
            var messages = new List<SessionMessage>((int)(next - first));
            for (var id = first; id < next; id++) messages.Add(Open(fields[Text(id)]).Deserialize<SessionMessage>(MemoryJson.Options)!);
            session = new Session(
                new SessionName((string)fields["o"]!, (string)fields["i"]!),
                Number(fields, "v"),
                first,
                messages,
                Open(fields["s"]),
                TimeSpan.FromMilliseconds(Number(fields, "t")),
                (int)Number(fields, "m"),
                fields["a"].Length() == 0 ? null : Open(fields["a"]),
                Time(Number(fields, "x")));
            return true;
        }
        catch (Exception exception) when (exception is KeyNotFoundException or FormatException or JsonException)
        {
            return false;
        }
    }

    public static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static long Number(Dictionary<string, RedisValue> fields, string name) =>
        fields[name].TryParse(out long number) ? number : throw new FormatException($"The field {name} is not a number.");

    private static byte[] Seal(byte[] json)
    {
        var text = new byte[DigestLength + json.Length];
        XxHash64.HashToUInt64(json).TryFormat(text, out _, "x16", CultureInfo.InvariantCulture);
        json.CopyTo(text, DigestLength);
        return text;
    }

    private static JsonElement Open(RedisValue value)
    {
        var bytes = (byte[])value!;
        if (bytes.Length <= DigestLength) throw new FormatException("A text of a session is cut.");
        var json = bytes.AsSpan(DigestLength);
        return ulong.TryParse(bytes.AsSpan(0, DigestLength), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var digest) && digest == XxHash64.HashToUInt64(json)
            ? JsonElement.Parse(json)
            : throw new FormatException("A text of a session does not match its digest.");
    }
}
