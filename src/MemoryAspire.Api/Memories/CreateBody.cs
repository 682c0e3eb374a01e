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
internal sealed record CreateBody(
    string Content,
    MemoryKind? Kind = null,
    Scope? Scope = null,
    JsonElement? Metadata = null,
    double? Importance = null,
    IReadOnlyList<float>? Embedding = null,
    double? TtlSeconds = null,
    DateTimeOffset? ExpiresAt = null);
