using System.Text;
using System.Text.Json;
using MemoryAspire.Api.Requests;
using MemoryAspire.Contracts.Memories;

namespace MemoryAspire.Api.Memories;

/// <summary>A memory as a client asks for it, parsed.</summary>
/// <param name="Metadata">In canonical form.</param>
/// <param name="Embedding">As given; null when the service is to embed the content.</param>
internal sealed record CreateRequest(
    string Content, MemoryKind Kind, Scope Scope, JsonElement Metadata, double Importance, DateTimeOffset? ExpiresAt, float[]? Embedding, bool RequireAll,
    DedupeField Dedupe = DedupeField.Off)
    : OperationRequest(Embedding is null ? Content : null, Embedding)
{
    public const int ContentLengthMax = 32768;

    public const int MetadataBytesMax = 16 * 1024;

    public const int MetadataDepthMax = 32;

    public const double ImportanceDefault = 0.5;

    /// <summary>Reads the fields; what is wrong stays with them.</summary>
    /// <param name="dimension">Of the live generation.</param>
    public static CreateRequest Read(RequestFields fields, int dimension, DateTimeOffset now)
    {
        var content = fields.Text("content", ContentLengthMax);
        if (content is null && !fields.IsWrong("content")) fields.Fail("content", "is required.");

        return new CreateRequest(
            content ?? "",
            fields.Kind() ?? MemoryKind.Episodic,
            fields.Scope(),
            ReadMetadata(fields),
            fields.Number("importance", 0, 1) ?? ImportanceDefault,
            ReadExpiry(fields, now),
            fields.Embedding(dimension),
            fields.RequireAll(),
            fields.Dedupe());
    }

    /// <summary>The metadata in canonical form; <c>{}</c> when absent.</summary>
    public static JsonElement ReadMetadata(RequestFields fields)
    {
        if (fields.Raw("metadata") is not { } metadata) return CanonicalJson.EmptyObject;
        if (Check(metadata) is { } error)
        {
            fields.Fail("metadata", error);
            return CanonicalJson.EmptyObject;
        }

        try
        {
            return CanonicalJson.Of(metadata);
        }
        catch (FormatException exception)
        {
            fields.Fail("metadata", exception.Message);
            return CanonicalJson.EmptyObject;
        }
    }

    private static string? Check(JsonElement metadata)
    {
        if (metadata.ValueKind != JsonValueKind.Object) return "must be an object.";
        var bytes = Encoding.UTF8.GetByteCount(metadata.GetRawText());
        if (bytes > MetadataBytesMax) return $"must be at most {MetadataBytesMax} bytes, but has {bytes}.";
        if (Depth(metadata) > MetadataDepthMax) return $"must be at most {MetadataDepthMax} levels deep.";
        return JsonText.IsStorable(metadata) ? null : "must be valid Unicode without U+0000.";
    }

    public static int Depth(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => 1 + value.EnumerateObject().Select(property => Depth(property.Value)).DefaultIfEmpty().Max(),
        JsonValueKind.Array => 1 + value.EnumerateArray().Select(Depth).DefaultIfEmpty().Max(),
        _ => 0,
    };

    /// <summary>When the memory expires, from <c>ttlSeconds</c> or <c>expiresAt</c>; null: never.</summary>
    public static DateTimeOffset? ReadExpiry(RequestFields fields, DateTimeOffset now)
    {
        var seconds = fields.Number("ttlSeconds", double.Epsilon, int.MaxValue);
        var time = fields.Time("expiresAt");
        if (fields.Raw("ttlSeconds") is not null && fields.Raw("expiresAt") is not null)
        {
            fields.Fail("ttlSeconds", "and expiresAt exclude each other.");
            fields.Fail("expiresAt", "and ttlSeconds exclude each other.");
        }

        if (time <= now) fields.Fail("expiresAt", "must be in the future.");
        var expires = seconds is { } given ? now + TimeSpan.FromSeconds(given) : time;
        return expires is { } at ? Microseconds.Cut(at) : null;
    }
}
