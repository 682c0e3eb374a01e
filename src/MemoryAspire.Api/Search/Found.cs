using MemoryAspire.Contracts.Memories;

namespace MemoryAspire.Api.Search;

/// <summary>One memory found.</summary>
/// <param name="Score">0..1: how well it matches, by the mode that ran.</param>
/// <param name="Similarity">The cosine of query and memory, -1..1.</param>
internal sealed record Found(Memory Memory, double Score, double? Similarity);

/// <summary>What was found, best first, and the mode that ran.</summary>
internal sealed record SearchResults(IReadOnlyList<Found> Results, string Mode);
