using System.Text.Json;
using MemoryAspire.Contracts.Memories;

namespace MemoryAspire.Api.Memories;

/// <summary>The body of a create, for the description of the API; <see cref="CreateRequest"/> reads it.</summary>
/// <param name="Content">1..32768 UTF-16 units.</param>
/// <param name="Kind">Default: episodic.</param>
/// <param name="Scope">Whose memory this is; each part 1..256 characters, all optional.</param>
/// <param name="Metadata">A JSON object of at most 16 KiB, 32 levels deep.</param>
/// <param name="Importance">0..1; default 0.5.</param>
/// <param name="Embedding">A vector of the live model, any length but zero; made from the content when absent.</param>
/// <param name="TtlSeconds">How long the memory lives; not together with expiresAt.</param>
/// <param name="ExpiresAt">From then on the memory is absent; in the future, not together with ttlSeconds.</param>
/// <param name="Dedupe">off (default), exact or similar: an equal memory of the same scope that is there is answered with 200.</param>
internal sealed record CreateBody(
    string Content,
    MemoryKind? Kind = null,
    Scope? Scope = null,
    JsonElement? Metadata = null,
    double? Importance = null,
    IReadOnlyList<float>? Embedding = null,
    double? TtlSeconds = null,
    DateTimeOffset? ExpiresAt = null,
    string? Dedupe = null);

/// <summary>The body of a batch.</summary>
/// <param name="Memories">1..1000, each as in a create.</param>
/// <param name="Atomic">All or nothing; false: each for itself.</param>
/// <param name="Require">all: nothing is stored unless every tier votes to take it; default any.</param>
internal sealed record BatchBody(IReadOnlyList<CreateBody> Memories, bool Atomic = false, string? Require = null);

/// <summary>The body of an update: a JSON merge patch, where null gives a field its default again.</summary>
/// <param name="Metadata">Merged into the present object; null within removes a name.</param>
internal sealed record UpdateBody(
    string? Content = null,
    MemoryKind? Kind = null,
    JsonElement? Metadata = null,
    double? Importance = null,
    IReadOnlyList<float>? Embedding = null,
    double? TtlSeconds = null,
    DateTimeOffset? ExpiresAt = null,
    string? Require = null);

/// <summary>The body of a revert.</summary>
/// <param name="Version">The one whose state comes back.</param>
/// <param name="Require">all: nothing is stored unless every tier votes to take it; default any.</param>
internal sealed record RevertBody(long Version, string? Require = null);

/// <summary>The body of a transaction.</summary>
/// <param name="Operations">1..1000.</param>
/// <param name="Require">all: nothing is stored unless every tier votes to take it; default any.</param>
internal sealed record TransactionBody(IReadOnlyList<OperationBody> Operations, string? Require = null);

/// <summary>One operation: the fields of a create or of an update beside its own.</summary>
/// <param name="Op">create, update or delete.</param>
/// <param name="Id">Of an update or a delete.</param>
/// <param name="IfMatch">The version the memory must have.</param>
/// <param name="OnConflict">Of an update: fail (default), lastWriteWins or merge.</param>
internal sealed record OperationBody(
    string Op,
    string? Id = null,
    long? IfMatch = null,
    string? OnConflict = null,
    string? Content = null,
    MemoryKind? Kind = null,
    Scope? Scope = null,
    JsonElement? Metadata = null,
    double? Importance = null,
    IReadOnlyList<float>? Embedding = null,
    double? TtlSeconds = null,
    DateTimeOffset? ExpiresAt = null,
    string? Dedupe = null);
