using MemoryAspire.Contracts.Memories;

namespace MemoryAspire.Api.Search;

/// <summary>The body of a search, for the description of the API; <see cref="SearchRequest"/> reads it.</summary>
/// <param name="Query">Text; optional when an embedding is given.</param>
/// <param name="Embedding">A vector of the live model instead of a text.</param>
/// <param name="K">1..1000; default 10.</param>
/// <param name="Mode">semantic or hybrid (default); the answer's mode says what ran.</param>
/// <param name="Scope">Where to search; an absent part matches everything of the tenant.</param>
/// <param name="MinScore">0..1; results below it are left out.</param>
/// <param name="Consistency">eventual, session (default) or strong.</param>
internal sealed record SearchBody(
    string? Query = null,
    IReadOnlyList<float>? Embedding = null,
    int? K = null,
    string? Mode = null,
    Scope? Scope = null,
    double? MinScore = null,
    string? Consistency = null);
