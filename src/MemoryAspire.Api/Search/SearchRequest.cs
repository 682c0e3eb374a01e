using System.IO.Hashing;
using System.Text;
using MemoryAspire.Api.Requests;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Filters;
using MemoryAspire.Redis.Values;

namespace MemoryAspire.Api.Search;

/// <summary>A search as a client asks for it, parsed.</summary>
/// <param name="Query">Text to look for, and to embed unless a vector is given; null: a vector only.</param>
/// <param name="Identity">Equal for pages of one search, and hardly for any others.</param>
internal sealed record SearchRequest(
    string? Query,
    float[]? Embedding,
    int Count,
    SearchMode Mode,
    Scope Scope,
    Filter? Filter,
    double MinScore,
    RankingWeights Ranking,
    Fusion Fusion,
    ReadLevel Level,
    ulong Identity,
    SearchCursor? Cursor)
{
    public const int QueryLengthMax = 32768;

    private const int CountDefault = 10;

    private const int CountMax = 1000;

    private const int CursorLengthMax = 1024;

    /// <summary>What makes two requests pages of the same search.</summary>
    private static readonly string[] Identifying = ["query", "embedding", "mode", "scope", "filter", "minScore", "ranking", "fusion"];

    /// <summary>Whether each result says how its score came about.</summary>
    public bool Explain { get; init; }

    /// <summary>Reads the fields; what is wrong stays with them.</summary>
    public static SearchRequest Read(RequestFields fields, int dimension)
    {
        var query = fields.Text("query", QueryLengthMax);
        var embedding = fields.Embedding(dimension);
        if (fields.Raw("query") is null && fields.Raw("embedding") is null) fields.Fail("query", "is required, unless an embedding is given.");
        var identity = Identify(fields);
        return new SearchRequest(
            query,
            embedding,
            fields.Integer("k", 1, CountMax) ?? CountDefault,
            ReadMode(fields),
            fields.Scope(),
            fields.Filter(),
            fields.Number("minScore", 0, 1) ?? 0,
            RankingWeights.Read(fields),
            ReadFusion(fields),
            fields.Text("consistency", 32) is { } level ? QueryFields.ReadLevelOf(level) : ReadLevel.Session,
            identity,
            ReadCursor(fields, identity));
    }

    private static SearchMode ReadMode(RequestFields fields)
    {
        // A vector has no words: what is left of hybrid is its half.
        var embeddingOnly = fields.Raw("query") is null;
        switch (fields.Text("mode", 32))
        {
            case null or "hybrid":
                return embeddingOnly ? SearchMode.Semantic : SearchMode.Hybrid;
            case "semantic":
                return SearchMode.Semantic;
            case "keyword":
                if (embeddingOnly) fields.Fail("mode", "keyword needs a query: an embedding has no words.");
                return SearchMode.Keyword;
            default:
                fields.Fail("mode", "must be semantic, keyword or hybrid.");
                return SearchMode.Hybrid;
        }
    }

    private static Fusion ReadFusion(RequestFields fields)
    {
        switch (fields.Text("fusion", 32))
        {
            case null or "weighted":
                return Fusion.Weighted;
            case "rrf":
                return Fusion.Rrf;
            default:
                fields.Fail("fusion", "must be weighted or rrf.");
                return Fusion.Weighted;
        }
    }

    private static SearchCursor? ReadCursor(RequestFields fields, ulong identity)
    {
        if (fields.Text("cursor", CursorLengthMax) is not { } text) return null;
        if (SearchCursor.TryParse(text, out var cursor) && cursor.Search == identity) return cursor;
        fields.Fail("cursor", "must be the nextCursor of the page before, with the rest of the request as it was.");
        return null;
    }

    private static ulong Identify(RequestFields fields)
    {
        var hash = new XxHash64();
        foreach (var field in Identifying)
        {
            hash.Append(Encoding.UTF8.GetBytes(field));
            if (fields.Raw(field) is { } value) hash.Append(Encoding.UTF8.GetBytes(value.GetRawText()));
            hash.Append([0]);
        }

        return hash.GetCurrentHashAsUInt64();
    }
}
