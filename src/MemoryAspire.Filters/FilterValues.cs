using System.Text.Json;
using MemoryAspire.Contracts.Memories;

namespace MemoryAspire.Filters;

/// <summary>Reads what a field is compared with.</summary>
internal static class FilterValues
{
    /// <exception cref="FilterException">The field is of another type.</exception>
    public static FilterValue Read(FilterTarget target, JsonElement value, string at) => target switch
    {
        FilterTarget.Metadata => value.ValueKind switch
        {
            JsonValueKind.String => ReadText(value, at),
            JsonValueKind.Number => ReadNumber(value, at),
            JsonValueKind.True or JsonValueKind.False => new FilterValue.Flag(value.GetBoolean()),
            JsonValueKind.Null => throw new FilterException(at, "must not be null: exists asks for what is absent."),
            _ => throw new FilterException(at, "must be a string, a number, true or false."),
        },
        FilterTarget.Importance => value.ValueKind == JsonValueKind.Number ? ReadNumber(value, at) : throw new FilterException(at, "must be a number."),
        FilterTarget.CreatedAt or FilterTarget.UpdatedAt => ReadTime(value, at),
        FilterTarget.Kind => ReadText(value, at) is var kind && MemoryKinds.TryParse(kind.Value, out _)
            ? kind
            : throw new FilterException(at, "must be episodic, semantic or procedural."),
        _ => ReadText(value, at),
    };

    private static FilterValue.Text ReadText(JsonElement value, string at)
    {
        if (value.ValueKind != JsonValueKind.String) throw new FilterException(at, "must be a string.");
        try
        {
            if (value.GetString() is { } text && !text.Contains('\0', StringComparison.Ordinal)) return new FilterValue.Text(text);
        }
        catch (InvalidOperationException)
        {
            // The reader's way to say that the text is not valid UTF-8, or escapes half a surrogate pair.
        }

        throw new FilterException(at, "must be valid Unicode without U+0000.");
    }

    private static FilterValue.Number ReadNumber(JsonElement value, string at)
    {
        try
        {
            return new FilterValue.Number(CanonicalJson.Of(value).GetRawText());
        }
        catch (FormatException exception)
        {
            throw new FilterException(at, exception.Message);
        }
    }

    private static FilterValue.Time ReadTime(JsonElement value, string at) =>
        value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out var time) && NamesItsOffset(value.GetString())
            ? new FilterValue.Time(Microseconds.Cut(time))
            : throw new FilterException(at, "must be an RFC 3339 time, such as \"2026-01-01T00:00:00Z\".");

    private static bool NamesItsOffset(string? text) => text is [.., 'Z' or 'z'] or [.., '+' or '-', _, _, ':', _, _];
}
