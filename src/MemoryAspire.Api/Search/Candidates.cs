using MemoryAspire.Contracts.Identity;

namespace MemoryAspire.Api.Search;

/// <summary>A memory that the index names.</summary>
/// <param name="Version">Of the state that was compared.</param>
internal readonly record struct Candidate(MemoryId Id, long Version, float Similarity);

/// <summary>What the index names, best first.</summary>
/// <param name="Exhausted">Asking for more finds no more.</param>
internal sealed record Candidates(IReadOnlyList<Candidate> Best, bool Exhausted);
