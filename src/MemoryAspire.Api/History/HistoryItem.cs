using System.Text.Json.Serialization;
using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Postgres.Log;

namespace MemoryAspire.Api.History;

/// <summary>One thing that happened to a memory, as history and the change feed tell it.</summary>
/// <param name="Position">Of the event in the log of the memory's partition.</param>
/// <param name="Type">created, updated, deleted or expired.</param>
/// <param name="Version">The memory's, from this event on.</param>
/// <param name="Actor">Who did it: the id of the key, or of the background task.</param>
/// <param name="Memory">The state from this event on, a memory; null after deleted and expired. Without content and metadata where they were taken out of the log.</param>
/// <param name="MemoryId">Also where there is no state that carries it.</param>
/// <param name="Scope">Also where there is no state that carries it.</param>
internal sealed record HistoryItem(
    long Position, string Type, long Version, DateTimeOffset At, string Actor, Guid TransactionId, object? Memory, Guid MemoryId, Scope Scope)
{
    /// <summary>Where to resume; only in the lines of a feed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Token { get; init; }

    /// <summary>True: the memory was erased on demand.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Erased { get; init; }

    /// <summary>True: retention took the state, which was not the present one for long.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Compacted { get; init; }

    public static HistoryItem Of(MemoryEvent @event) => new(
        @event.Position.Value, @event.Type.ToText(), @event.Version, @event.At, @event.Actor, @event.TransactionId, StateOf(@event),
        @event.MemoryId.Value, @event.Scope)
    {
        Erased = @event.Redacted == Redaction.Erased ? true : null,
        Compacted = @event.Redacted == Redaction.Compacted ? true : null,
    };

    private static object? StateOf(MemoryEvent @event) => @event switch
    {
        { Type: EventType.Deleted or EventType.Expired } => null,
        { Redacted: not null } => ErasedMemory.Of(@event),
        _ => @event.State?.Memory,
    };
}

/// <summary>A page of a memory's history, oldest first.</summary>
internal sealed record HistoryList(IReadOnlyList<HistoryItem> Items, string? NextCursor);
