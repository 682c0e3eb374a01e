using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;

namespace MemoryAspire.Api.Search;

/// <summary>A memory that the index names.</summary>
/// <param name="Version">Of the state that was compared; 0: none was.</param>
internal readonly record struct Candidate(MemoryId Id, long Version, float Similarity);

/// <summary>What the index names, best first.</summary>
/// <param name="Exhausted">Asking for more finds no more.</param>
/// <param name="Unknown">Of the ids that were asked for, those that the index does not have yet.</param>
internal sealed record Candidates(IReadOnlyList<Candidate> Best, bool Exhausted, IReadOnlyList<MemoryId> Unknown);

/// <summary>What the index is asked for.</summary>
/// <param name="Kinds">Empty: any.</param>
/// <param name="Ids">Only these; null: all of the scope.</param>
internal sealed record CandidateQuery(
    string Tenant, Scope Scope, IReadOnlyCollection<MemoryKind> Kinds, ReadOnlyMemory<float> Vector, IReadOnlyList<MemoryId>? Ids = null);
