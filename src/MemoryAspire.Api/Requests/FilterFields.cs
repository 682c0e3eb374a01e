using System.Text;
using System.Text.Json;
using MemoryAspire.Api.Problems;
using MemoryAspire.Filters;

namespace MemoryAspire.Api.Requests;

/// <summary>Filters in bodies and URLs.</summary>
internal static class FilterFields
{
    private const string Name = "filter";

    private const int BytesMax = 64 * 1024;

    /// <summary>The body's filter; null without one.</summary>
    public static Filter? Filter(this RequestFields fields)
    {
        if (fields.Raw(Name) is not { } json) return null;
        var filter = Read(json, out var error);
        if (error is not null) fields.Fail(Name, error);
        return filter;
    }

    /// <summary>The URL's filter; null without one.</summary>
    public static Filter? Filter(HttpRequest request)
    {
        if (!request.Query.TryGetValue(Name, out var values)) return null;
        JsonElement json;
        try
        {
            json = JsonElement.Parse(values.ToString(), new JsonDocumentOptions { MaxDepth = 64 });
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            // The latter: half a character.
            throw Refusal.BadRequest(Name, "must be JSON, URL-encoded.");
        }

        var filter = Read(json, out var error);
        return error is null ? filter : throw Refusal.BadRequest(Name, error);
    }

    private static Filter? Read(JsonElement json, out string? error)
    {
        error = null;
        if (Encoding.UTF8.GetByteCount(json.GetRawText()) > BytesMax) error = $"must be at most {BytesMax} bytes.";
        else if (!JsonText.IsStorable(json)) error = "must be valid Unicode without U+0000.";
        if (error is not null) return null;
        try
        {
            return FilterReader.Read(json);
        }
        catch (FilterException exception)
        {
            error = exception.Message;
            return null;
        }
    }
}
