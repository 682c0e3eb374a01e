using System.Text.Json;
using MemoryAspire.Contracts.Memories;

namespace MemoryAspire.Api.Search;

/// <summary>The body of a search, for the description of the API; <see cref="SearchRequest"/> reads it.</summary>
/// <param name="Query">Text; optional when an embedding is given. "A phrase" must occur; begin* is the beginning of a word.</param>
/// <param name="Embedding">A vector of the live model instead of the query's, or of a query.</param>
/// <param name="K">1..1000; default 10.</param>
/// <param name="Mode">semantic, keyword or hybrid (default); the answer's mode says what ran.</param>
/// <param name="Scope">Where to search; an absent part matches everything of the tenant.</param>
/// <param name="Filter">What else must hold, in the filter language.</param>
/// <param name="MinScore">0..1; results below it are left out.</param>
/// <param name="Ranking">How the score is made; by default of the match alone.</param>
/// <param name="Fusion">weighted (default) or rrf: how hybrid makes one order of two.</param>
/// <param name="Consistency">eventual, session (default) or strong.</param>
/// <param name="Cursor">The nextCursor of the page before, with the rest of the request unchanged.</param>
internal sealed record SearchBody(
    string? Query = null,
    IReadOnlyList<float>? Embedding = null,
    int? K = null,
    string? Mode = null,
    Scope? Scope = null,
    JsonElement? Filter = null,
    double? MinScore = null,
    RankingBody? Ranking = null,
    string? Fusion = null,
    string? Consistency = null,
    string? Cursor = null);

/// <summary>Weights; the score is their weighted mean.</summary>
/// <param name="Similarity">Of the match; default 1.</param>
/// <param name="Recency">Of how recently it was changed; default 0.</param>
/// <param name="Importance">Of the memory's importance; default 0.</param>
/// <param name="HalfLife">After so long recency is half; d.hh:mm:ss, default 7.00:00:00.</param>
/// <param name="Context">0..1: how much hybrid heeds the memories stored next to one; default 1.</param>
internal sealed record RankingBody(
    double? Similarity = null, double? Recency = null, double? Importance = null, string? HalfLife = null, double? Context = null);
