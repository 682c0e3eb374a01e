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
/// <param name="Memory">The state from this event on; null after deleted and expired.</param>
/// <param name="MemoryId">Also where there is no state that carries it.</param>
/// <param name="Scope">Also where there is no state that carries it.</param>
internal sealed record HistoryItem(
    long Position, string Type, long Version, DateTimeOffset At, string Actor, Guid TransactionId, Memory? Memory, Guid MemoryId, Scope Scope)
{
    /// <summary>Where to resume; only in the lines of a feed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Token { get; init; }

    public static HistoryItem Of(MemoryEvent @event) => new(
        @event.Position.Value, @event.Type.ToText(), @event.Version, @event.At, @event.Actor, @event.TransactionId, @event.State?.Memory,
        @event.MemoryId.Value, @event.Scope);
}

/// <summary>A page of a memory's history, oldest first.</summary>
internal sealed record HistoryList(IReadOnlyList<HistoryItem> Items, string? NextCursor);
