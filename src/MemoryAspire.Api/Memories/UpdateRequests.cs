using MemoryAspire.Api.Problems;
using MemoryAspire.Api.Requests;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Postgres.Conflicts;

namespace MemoryAspire.Api.Memories;

/// <summary>Reads a JSON merge patch (RFC 7396) of a memory: null gives a field its default again.</summary>
internal static class UpdateRequests
{
    private const string OnConflictError = "must be fail, lastWriteWins or merge.";

    /// <summary>Reads the fields; what is wrong stays with them.</summary>
    /// <param name="dimension">Of the live generation.</param>
    public static UpdateRequest Update(this RequestFields fields, MemoryId id, long? ifMatch, OnConflict onConflict, int dimension, DateTimeOffset now)
    {
        if (!fields.HasAny("content", "kind", "importance", "metadata", "expiresAt", "ttlSeconds", "embedding"))
        {
            fields.Fail("content", "or another field to change is required.");
        }

        foreach (var field in new[] { "id", "scope", "version", "createdAt", "updatedAt" })
        {
            if (fields.Has(field) && !(field == "id" && fields.Has("op"))) fields.Fail(field, "cannot be changed.");
        }

        if (onConflict == OnConflict.Merge && ifMatch is null) fields.Fail("If-Match", "is required to merge: it names the version that the change is based on.");
        var content = fields.Text("content", CreateRequest.ContentLengthMax);
        if (fields.Has("content") && content is null && !fields.IsWrong("content")) fields.Fail("content", "must not be null.");
        return new UpdateRequest(
            id,
            new MemoryPatch
            {
                Content = content,
                Kind = fields.Has("kind") ? fields.Kind() ?? MemoryKind.Episodic : null,
                Importance = fields.Has("importance") ? fields.Number("importance", 0, 1) ?? CreateRequest.ImportanceDefault : null,
                Metadata = fields.Has("metadata") ? Metadata(fields) : null,
                ExpiresAt = fields.HasAny("expiresAt", "ttlSeconds") ? new ExpiryChange(CreateRequest.ReadExpiry(fields, now)) : null,
            },
            ifMatch,
            onConflict,
            fields.Embedding(dimension));
    }

    public static OnConflict OnConflictOf(HttpRequest request) =>
        request.Query.TryGetValue("onConflict", out var values) ? Parse(values.ToString()) ?? throw Refusal.BadRequest("onConflict", OnConflictError) : OnConflict.Fail;

    public static OnConflict ReadOnConflict(this RequestFields fields)
    {
        if (fields.Text("onConflict", 32) is not { } text) return OnConflict.Fail;
        if (Parse(text) is { } known) return known;
        fields.Fail("onConflict", OnConflictError);
        return OnConflict.Fail;
    }

    private static OnConflict? Parse(string text) => text switch
    {
        "fail" => OnConflict.Fail,
        "lastWriteWins" => OnConflict.LastWriteWins,
        "merge" => OnConflict.Merge,
        _ => null,
    };

    private static MetadataChange? Metadata(RequestFields fields)
    {
        if (fields.Raw("metadata") is null) return new MetadataChange.Replace(CanonicalJson.EmptyObject);
        var patch = CreateRequest.ReadMetadata(fields);
        return fields.IsWrong("metadata") ? null : new MetadataChange.Merge(patch);
    }
}
