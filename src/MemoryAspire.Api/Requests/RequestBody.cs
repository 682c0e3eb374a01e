using System.Text.Json;
using MemoryAspire.Api.Problems;

namespace MemoryAspire.Api.Requests;

/// <summary>Reads a request's JSON object.</summary>
internal static class RequestBody
{
    /// <summary>Bytes of a body; more is 413.</summary>
    public const long LengthMax = 64 * 1024 * 1024;

    /// <summary>Bytes set aside on a header's word alone.</summary>
    private const int ReservedMax = 64 * 1024;

    private const int DepthMax = 64;

    public static async Task<RequestFields> ReadAsync(HttpRequest request, CancellationToken cancellationToken) =>
        Parse(await ReadBytesAsync(request, cancellationToken));

    public static async Task<ReadOnlyMemory<byte>> ReadBytesAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!request.HasJsonContentType())
        {
            throw new Refusal(StatusCodes.Status415UnsupportedMediaType, "The body must be JSON: send Content-Type: application/json.");
        }

        using var buffer = new MemoryStream((int)Math.Min(request.ContentLength ?? 0, ReservedMax));
        await request.Body.CopyToAsync(buffer, cancellationToken);
        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }

    public static RequestFields Parse(ReadOnlyMemory<byte> utf8)
    {
        JsonElement body;
        try
        {
            body = JsonElement.Parse(utf8.Span, new JsonDocumentOptions { MaxDepth = DepthMax });
        }
        catch (JsonException exception)
        {
            throw Refusal.BadRequest(FieldAtFault(utf8.Span) ?? "$", $"is not valid JSON (line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}).");
        }

        return body.ValueKind == JsonValueKind.Object ? new RequestFields(body) : throw Refusal.BadRequest("$", "must be a JSON object.");
    }

    /// <summary>The top-level field within which the JSON breaks off, such as a NaN in a vector.</summary>
    private static string? FieldAtFault(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = DepthMax });
        string? field = null;
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1) field = reader.GetString();
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return field;
        }

        return field;
    }
}
