using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MemoryAspire.Contracts.Memories;

/// <summary>The public JSON: camelCase, times in RFC 3339 UTC, no escapes but those that JSON needs.</summary>
public static class MemoryJson
{
    public static JsonSerializerOptions Options { get; } = Configure(new JsonSerializerOptions(JsonSerializerDefaults.Web));

    /// <summary>Gives options that a framework made the same form.</summary>
    public static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.Converters.Add(new UtcTimeJsonConverter());
        return options;
    }

    public static byte[] Encode(Memory memory) => JsonSerializer.SerializeToUtf8Bytes(memory, Options);

    /// <exception cref="JsonException">The bytes are not a memory.</exception>
    public static Memory Decode(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize<Memory>(json, Options) ?? throw new JsonException("null is not a memory.");
}

internal sealed class UtcTimeJsonConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture));
}
