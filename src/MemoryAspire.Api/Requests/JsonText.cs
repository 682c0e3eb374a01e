using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace MemoryAspire.Api.Requests;

/// <summary>Strings that every store can hold: valid Unicode, no U+0000.</summary>
internal static class JsonText
{
    public static bool TryRead(JsonElement value, [NotNullWhen(true)] out string? text)
    {
        text = null;
        try
        {
            text = value.GetString();
        }
        catch (InvalidOperationException)
        {
            // The reader's way to say that the text is not valid UTF-8, or escapes half a surrogate pair.
            return false;
        }

        return text is not null && IsStorable(text);
    }

    public static bool IsStorable(string text)
    {
        for (var index = 0; index < text.Length; index++)
        {
            if (text[index] == '\0') return false;
            if (!char.IsSurrogate(text[index])) continue;
            if (index + 1 >= text.Length || !char.IsSurrogatePair(text[index], text[index + 1])) return false;
            index++;
        }

        return true;
    }

    /// <summary>Whether every name and string within is storable.</summary>
    public static bool IsStorable(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => TryRead(value, out _),
        JsonValueKind.Array => value.EnumerateArray().All(IsStorable),
        JsonValueKind.Object => value.EnumerateObject().All(property => HasStorableName(property) && IsStorable(property.Value)),
        _ => true,
    };

    private static bool HasStorableName(JsonProperty property)
    {
        try
        {
            return IsStorable(property.Name);
        }
        catch (InvalidOperationException)
        {
            // As above.
            return false;
        }
    }
}
