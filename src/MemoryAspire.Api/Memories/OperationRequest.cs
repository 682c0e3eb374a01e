using MemoryAspire.Contracts.Identity;
using MemoryAspire.Postgres.Conflicts;

namespace MemoryAspire.Api.Memories;

/// <summary>One change as a client asks for it, parsed.</summary>
/// <param name="ToBeEmbedded">A text whose vector the service is to make; null when there is none, or a vector was given.</param>
/// <param name="Embedding">The vector as given; null when none was.</param>
internal abstract record OperationRequest(string? ToBeEmbedded, float[]? Embedding);

/// <summary>A memory changes.</summary>
/// <param name="IfMatch">The version the client knows; null: whatever is there.</param>
internal sealed record UpdateRequest(MemoryId Id, MemoryPatch Patch, long? IfMatch, OnConflict OnConflict, float[]? Embedding)
    : OperationRequest(Embedding is null ? Patch.Content : null, Embedding);

/// <summary>A memory goes.</summary>
internal sealed record DeleteRequest(MemoryId Id, long? IfMatch) : OperationRequest(null, null);
