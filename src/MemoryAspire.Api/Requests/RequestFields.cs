using System.Globalization;
using System.Text.Json;
using MemoryAspire.Api.Problems;

namespace MemoryAspire.Api.Requests;

/// <summary>
/// Reads the fields of a JSON object and gathers what is wrong with them, by JSON name. A field that is absent
/// or null reads as null.
/// </summary>
internal sealed class RequestFields(JsonElement body, string path = "")
{
    private readonly SortedDictionary<string, string[]> _errors = new(StringComparer.Ordinal);

    /// <summary>Throws a 400 that names every wrong field, if there is one.</summary>
    public void ThrowIfWrong()
    {
        if (_errors.Count > 0) throw Refusal.BadRequest(_errors);
    }

    public void Fail(string field, string error) => _errors.TryAdd(path + field, [error]);

    public bool IsWrong(string field) => _errors.ContainsKey(path + field);

    /// <summary>The field as it was sent; null when absent or null.</summary>
    public JsonElement? Raw(string field) =>
        body.TryGetProperty(field, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public string? Text(string field, int lengthMax)
    {
        if (Raw(field) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.String) return Wrong<string>(field, "must be a string.");
        if (!JsonText.TryRead(value, out var text)) return Wrong<string>(field, "must be valid Unicode without U+0000.");
        if (text.Length == 0) return Wrong<string>(field, "must not be empty.");
        return text.Length <= lengthMax ? text : Wrong<string>(field, $"must be at most {lengthMax} characters, but has {text.Length}.");
    }

    public double? Number(string field, double min, double max)
    {
        if (Raw(field) is not { } value) return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number >= min && number <= max
            ? number
            : Wrong<double?>(field, string.Create(CultureInfo.InvariantCulture, $"must be a number from {min} to {max}."));
    }

    public int? Integer(string field, int min, int max)
    {
        if (Raw(field) is not { } value) return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= min && number <= max
            ? number
            : Wrong<int?>(field, $"must be a whole number from {min} to {max}.");
    }

    public DateTimeOffset? Time(string field)
    {
        if (Raw(field) is not { } value) return null;
        return value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out var time)
            ? time
            : Wrong<DateTimeOffset?>(field, "must be an RFC 3339 time.");
    }

    /// <summary>The fields of a nested object; those of an empty one when absent.</summary>
    public RequestFields Object(string field)
    {
        var value = Raw(field) ?? JsonElement.Parse("{}");
        if (value.ValueKind != JsonValueKind.Object)
        {
            Fail(field, "must be an object.");
            value = JsonElement.Parse("{}");
        }

        return new RequestFields(value, $"{path}{field}.");
    }

    /// <summary>Takes over what a nested reader found wrong.</summary>
    public void Adopt(RequestFields nested)
    {
        foreach (var (field, error) in nested._errors) _errors.TryAdd(field, error);
    }

    private T? Wrong<T>(string field, string error)
    {
        Fail(field, error);
        return default;
    }
}
