using System.Text.Json;
using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;

namespace MemoryAspire.Postgres.Writes;

/// <summary>One change that a transaction makes.</summary>
public abstract record WriteOperation(MemoryId Id)
{
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
        ReadOnlyMemory<byte> Vector) : WriteOperation(Id);

    /// <summary>An existing memory goes.</summary>
    /// <param name="IfMatch">The version it must have; null: any.</param>
    public sealed record Delete(MemoryId Id, long? IfMatch = null) : WriteOperation(Id);
}

/// <summary>Operations that become visible together or not at all.</summary>
/// <param name="Model">The live generation's model, whose vectors the operations bring.</param>
/// <param name="Actor">Who does it, for the log.</param>
/// <param name="Key">What makes a repetition harmless; null: every request is a new one.</param>
public sealed record WriteTransaction(
    Guid Id, string Tenant, string Actor, string Model, IReadOnlyList<WriteOperation> Operations, IdempotencyKey? Key = null);

/// <summary>A caller's name for one request.</summary>
/// <param name="Text">1..255 printable ASCII characters.</param>
/// <param name="RequestHash">What the request was: another one under the same name is refused.</param>
public sealed record IdempotencyKey(string Text, ReadOnlyMemory<byte> RequestHash);

/// <summary>What became of a transaction.</summary>
public abstract record WriteOutcome
{
    private WriteOutcome()
    {
    }

    /// <summary>It is committed: one event per operation, in the order sent.</summary>
    /// <param name="Replayed">An earlier request with the same key did it; these are its events.</param>
    public sealed record Committed(IReadOnlyList<MemoryEvent> Events, bool Replayed = false) : WriteOutcome;

    /// <summary>Nothing was stored: the key names another request.</summary>
    public sealed record KeyReused : WriteOutcome;

    /// <summary>Nothing was stored by this request: the first one with the key is still under way after 2 s.</summary>
    public sealed record KeyInFlight : WriteOutcome;

    /// <summary>Nothing was stored: an operation names a memory that does not exist.</summary>
    public sealed record NotFound(int Operation) : WriteOutcome;

    /// <summary>Nothing was stored: a memory has another version than the caller expects.</summary>
    public sealed record VersionConflict(int Operation, Memory Current) : WriteOutcome;
}

/// <summary>COMMIT was sent, its answer was lost, and PostgreSQL cannot be asked what became of it.</summary>
public sealed class UnknownOutcomeException(Exception cause)
    : Exception("The connection broke while committing, and PostgreSQL could not be asked for the outcome.", cause);
