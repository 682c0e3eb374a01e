using System.Text.Json.Serialization;
using MemoryAspire.Contracts.Memories;

namespace MemoryAspire.Api.Search;

/// <summary>One memory found.</summary>
/// <param name="Score">0..1: how well it matches, by the mode that ran.</param>
/// <param name="Similarity">The cosine of query and memory, -1..1; null when there is none to compare.</param>
internal sealed record Found(Memory Memory, double Score, double? Similarity)
{
    /// <summary>How the score came about; only on request.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ScoreParts? Explain { get; init; }
}

/// <summary>What a score was made of; each is 0..1, and null where the mode does not ask for it.</summary>
/// <param name="Semantic">The cosine, 0 when negative.</param>
/// <param name="Keyword">How well the words match.</param>
/// <param name="Context">What the memories stored next to it add.</param>
/// <param name="Base">What these make, before the ranking.</param>
/// <param name="Recency">0.5 per half-life of its age.</param>
internal sealed record ScoreParts(double? Semantic, double? Keyword, double? Context, double Base, double Recency, double Importance);

/// <summary>What was found, best first, and the mode that ran.</summary>
/// <param name="NextCursor">Where the next page begins; null: this is the last.</param>
internal sealed record SearchResults(IReadOnlyList<Found> Results, string Mode, string? NextCursor);
