using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Memories;

namespace MemoryAspire.Api.History;

/// <summary>What is left of a state that was taken out of the log.</summary>
/// <param name="Content">Null.</param>
/// <param name="Metadata">Null.</param>
internal sealed record ErasedMemory(Guid Id, string? Content, MemoryKind Kind, Scope Scope, object? Metadata, long Version)
{
    public static ErasedMemory Of(MemoryEvent @event) => new(@event.MemoryId.Value, null, @event.Kind, @event.Scope, null, @event.Version);
}
