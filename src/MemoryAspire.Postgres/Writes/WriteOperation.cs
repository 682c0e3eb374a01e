using System.Text.Json;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Postgres.Conflicts;
using MemoryAspire.Postgres.Dedupe;

namespace MemoryAspire.Postgres.Writes;

/// <summary>One change that a transaction makes.</summary>
public abstract record WriteOperation(MemoryId Id)
{
    /// <summary>True when its content could not be embedded: it brings no vector, and the memory is noted to be given one.</summary>
    public bool EmbedLater { get; init; }

    /// <summary>A new memory.</summary>
    /// <param name="Metadata">In canonical form.</param>
    /// <param name="Vector">Little-endian float32 of the live generation's model; empty: none.</param>
    public sealed record Create(
        MemoryId Id,
        string Content,
        MemoryKind Kind,
        Scope Scope,
        JsonElement Metadata,
        double Importance,
        DateTimeOffset? ExpiresAt,
        ReadOnlyMemory<byte> Vector) : WriteOperation(Id)
    {
        /// <summary>What it must not double; null: nothing.</summary>
        public DedupeRule? Dedupe { get; init; }
    }

    /// <summary>An existing memory changes.</summary>
    /// <param name="IfMatch">The version the caller knows; null: whatever is there.</param>
    /// <param name="OnConflict">What happens when that is no longer the present version.</param>
    /// <param name="Vector">As in <see cref="Create"/>, for the patch's content; null: the present vector stays.</param>
    public sealed record Update(
        MemoryId Id, MemoryPatch Patch, long? IfMatch = null, OnConflict OnConflict = OnConflict.Fail, ReadOnlyMemory<byte>? Vector = null)
        : WriteOperation(Id);

    /// <summary>An existing memory goes.</summary>
    /// <param name="IfMatch">The version it must have; null: any.</param>
    /// <param name="IfExists">True when its absence is no failure: nothing happens then.</param>
    public sealed record Delete(MemoryId Id, long? IfMatch = null, bool IfExists = false) : WriteOperation(Id);

    /// <summary>A memory goes because its time is over. Nothing happens when it is gone already, or has been given more time.</summary>
    public sealed record Expire(MemoryId Id) : WriteOperation(Id);
}

/// <summary>Operations that become visible together or not at all.</summary>
/// <param name="Model">The live generation's model, whose vectors the operations bring.</param>
/// <param name="Actor">Who does it, for the log.</param>
/// <param name="Key">What makes a repetition harmless; null: every request is a new one.</param>
public sealed record WriteTransaction(
    Guid Id, string Tenant, string Actor, string Model, IReadOnlyList<WriteOperation> Operations, IdempotencyKey? Key = null)
{
    /// <summary>True when nothing is to be stored unless every participant votes yes.</summary>
    public bool RequireAll { get; init; }
}

/// <summary>A caller's name for one request.</summary>
/// <param name="Text">1..255 printable ASCII characters.</param>
/// <param name="RequestHash">What the request was: another one under the same name is refused.</param>
public sealed record IdempotencyKey(string Text, ReadOnlyMemory<byte> RequestHash);
