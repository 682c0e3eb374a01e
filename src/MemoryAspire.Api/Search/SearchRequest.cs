using MemoryAspire.Api.Requests;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Redis.Values;

namespace MemoryAspire.Api.Search;

/// <summary>A search as a client asks for it, parsed.</summary>
/// <param name="Query">Text to embed; null when a vector is given instead.</param>
internal sealed record SearchRequest(string? Query, float[]? Embedding, int Count, Scope Scope, double MinScore, ReadLevel Level)
{
    public const int QueryLengthMax = 32768;

    private const int CountDefault = 10;

    private const int CountMax = 1000;

    /// <summary>Reads the fields; what is wrong stays with them.</summary>
    public static SearchRequest Read(RequestFields fields, int dimension)
    {
        var query = fields.Text("query", QueryLengthMax);
        var embedding = fields.Embedding(dimension);
        if (fields.Raw("query") is null && fields.Raw("embedding") is null) fields.Fail("query", "is required, unless an embedding is given.");
        foreach (var field in new[] { "filter", "ranking", "cursor" })
        {
            if (fields.Raw(field) is not null) fields.Fail(field, "is not supported yet.");
        }

        CheckMode(fields);
        return new SearchRequest(
            query,
            embedding,
            fields.Integer("k", 1, CountMax) ?? CountDefault,
            fields.Scope(),
            fields.Number("minScore", 0, 1) ?? 0,
            ReadLevelFrom(fields));
    }

    private static void CheckMode(RequestFields fields)
    {
        switch (fields.Text("mode", 32))
        {
            case null or "semantic" or "hybrid":
                break;
            case "keyword":
                fields.Fail("mode", "keyword is not supported yet.");
                break;
            default:
                fields.Fail("mode", "must be semantic, keyword or hybrid.");
                break;
        }
    }

    private static ReadLevel ReadLevelFrom(RequestFields fields) =>
        fields.Text("consistency", 32) is { } level ? QueryFields.ReadLevelOf(level) : ReadLevel.Session;
}
