using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace MemoryAspire.Contracts.Memories;

/// <summary>
/// One spelling for each JSON value, the same before and after PostgreSQL's <c>jsonb</c>: names in ordinal
/// order of their UTF-16 units, the last of equal names, no white space, the fewest escapes, numbers as plain
/// decimals without exponent or trailing zeros.
/// </summary>
public static class CanonicalJson
{
    /// <summary>No number may have more digits on either side of its point.</summary>
    public const int DigitsMax = 400;

    /// <summary><c>{}</c></summary>
    public static JsonElement EmptyObject { get; } = JsonElement.Parse("{}");

    private static readonly JsonWriterOptions WriterOptions = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    /// <summary>The canonical UTF-8 of a value.</summary>
    /// <exception cref="FormatException">A number has more than <see cref="DigitsMax"/> digits.</exception>
    public static byte[] Encode(JsonElement value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions)) Write(value, writer);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The value in its canonical spelling.</summary>
    /// <exception cref="FormatException">A number has more than <see cref="DigitsMax"/> digits.</exception>
    public static JsonElement Of(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Object && value.GetPropertyCount() == 0) return EmptyObject;
        using var document = JsonDocument.Parse(Encode(value));
        return document.RootElement.Clone();
    }

    private static void Write(JsonElement value, Utf8JsonWriter writer)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(value, writer);
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray()) Write(item, writer);
                writer.WriteEndArray();
                break;
            case JsonValueKind.Number:
                writer.WriteRawValue(Number(value.GetRawText()), skipInputValidation: true);
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    private static void WriteObject(JsonElement value, Utf8JsonWriter writer)
    {
        var properties = new SortedDictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var property in value.EnumerateObject()) properties[property.Name] = property.Value;
        writer.WriteStartObject();
        foreach (var (name, item) in properties)
        {
            writer.WritePropertyName(name);
            Write(item, writer);
        }

        writer.WriteEndObject();
    }

    internal static string Number(string text)
    {
        var exponentAt = text.IndexOfAny(['e', 'E']);
        var mantissa = exponentAt < 0 ? text : text[..exponentAt];
        var exponent = 0L;
        if (exponentAt >= 0 && !long.TryParse(text.AsSpan(exponentAt + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent))
        {
            exponent = long.MaxValue;
        }

        var negative = mantissa[0] == '-';
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var whole = mantissa[(negative ? 1 : 0)..(point < 0 ? mantissa.Length : point)];
        var digits = whole + (point < 0 ? "" : mantissa[(point + 1)..]);
        var leading = digits.Length - digits.TrimStart('0').Length;
        if (leading == digits.Length) return "0";
        if (Math.Abs(exponent) > 2 * DigitsMax || digits.Length > 2 * DigitsMax) throw TooLong();
        var pointAt = whole.Length - leading + exponent;
        digits = digits.Trim('0');
        if (pointAt > DigitsMax || digits.Length - pointAt > DigitsMax) throw TooLong();
        return (negative ? "-" : "") + Place(digits, (int)pointAt);
    }

    private static string Place(string digits, int pointAt)
    {
        if (pointAt <= 0) return new StringBuilder("0.").Append('0', -pointAt).Append(digits).ToString();
        return pointAt >= digits.Length ? digits + new string('0', pointAt - digits.Length) : $"{digits[..pointAt]}.{digits[pointAt..]}";
    }

    private static FormatException TooLong() => new($"A number has more than {DigitsMax} digits before or after its point.");
}
