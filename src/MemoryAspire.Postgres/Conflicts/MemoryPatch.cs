using System.Text.Json;
using MemoryAspire.Contracts.Memories;

namespace MemoryAspire.Postgres.Conflicts;

/// <summary>What an update changes; what is null stays as it is.</summary>
public sealed record MemoryPatch
{
    public string? Content { get; init; }

    public MemoryKind? Kind { get; init; }

    public double? Importance { get; init; }

    public MetadataChange? Metadata { get; init; }

    public ExpiryChange? ExpiresAt { get; init; }
}

/// <summary>How an update changes metadata.</summary>
public abstract record MetadataChange
{
    private MetadataChange()
    {
    }

    /// <summary>A JSON merge patch (RFC 7396): null removes, objects merge, anything else replaces.</summary>
    public sealed record Merge(JsonElement Patch) : MetadataChange;

    /// <summary>This object instead of the present one, in canonical form.</summary>
    public sealed record Replace(JsonElement Value) : MetadataChange;
}

/// <summary>When the memory is to expire from now on; null: never.</summary>
public readonly record struct ExpiryChange(DateTimeOffset? At);

/// <summary>The part of a memory that updates change.</summary>
/// <param name="Metadata">A JSON object in canonical form.</param>
public sealed record MemoryFields(string Content, MemoryKind Kind, JsonElement Metadata, double Importance, DateTimeOffset? ExpiresAt)
{
    public static MemoryFields Of(Memory memory) => new(memory.Content, memory.Kind, memory.Metadata, memory.Importance, memory.ExpiresAt);
}

/// <summary>What an update does when the memory is no longer in the version it names.</summary>
public enum OnConflict
{
    /// <summary>Nothing is stored.</summary>
    Fail,

    /// <summary>It is applied to the present version all the same.</summary>
    LastWriteWins,

    /// <summary>Both changes since the version it names are kept, where they do not touch the same.</summary>
    Merge,
}
