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
        if (Wrong() is { } refusal) throw refusal;
    }

    public void Fail(string field, string error) => _errors.TryAdd(path + field, [error]);

    public bool IsWrong(string field) => _errors.ContainsKey(path + field);

    /// <summary>Whether the field is there, be it null.</summary>
    public bool Has(string field) => body.TryGetProperty(field, out _);

    /// <summary>Whether any of the fields is there.</summary>
    public bool HasAny(params ReadOnlySpan<string> fields)
    {
        foreach (var field in fields)
        {
            if (Has(field)) return true;
        }

        return false;
    }

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

    /// <summary>Readers of the objects in an array of 1 to <paramref name="countMax"/>; none when it is wrong.</summary>
    /// <param name="nested">Whether errors name the whole path, or begin at the object.</param>
    public IReadOnlyList<RequestFields> Objects(string field, int countMax, bool nested = true)
    {
        if (Raw(field) is not { ValueKind: JsonValueKind.Array } array || array.GetArrayLength() is var count && (count < 1 || count > countMax))
        {
            Fail(field, $"must be an array of 1 to {countMax} objects.");
            return [];
        }

        var readers = new List<RequestFields>(count);
        foreach (var item in array.EnumerateArray())
        {
            var isObject = item.ValueKind == JsonValueKind.Object;
            var at = $"{path}{field}[{readers.Count}]";
            var reader = new RequestFields(isObject ? item : JsonElement.Parse("{}"), nested ? $"{at}." : "");
            if (!isObject) reader._errors.TryAdd(nested ? at : "$", ["must be an object."]);
            readers.Add(reader);
        }

        return readers;
    }

    /// <summary>A flag; false when absent.</summary>
    public bool Flag(string field)
    {
        if (Raw(field) is not { } value) return false;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False) return value.GetBoolean();
        Fail(field, "must be true or false.");
        return false;
    }

    /// <summary>What is wrong with this object alone; null when nothing is.</summary>
    public Refusal? Wrong() => _errors.Count > 0 ? Refusal.BadRequest(_errors) : null;

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
