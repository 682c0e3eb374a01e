using System.Globalization;
using System.Text.Json;
using MemoryAspire.Api.Memories;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Coordination;
using MemoryAspire.Postgres.Dedupe;
using MemoryAspire.Postgres.Writes;
using MemoryAspire.Redis.Sessions;

namespace MemoryAspire.Api.Sessions;

/// <summary>
/// Turns messages into memories, as one transaction. A message becomes a memory once: it is known by its session's name, its role, its
/// content and its time, so that it is found again also after the session was put anew, or lost.
/// </summary>
internal sealed class SessionPromotion(OperationMaker maker)
{
    private const string Message = "message";

    /// <summary>The id that a message had when it was promoted; null when its memory does not say.</summary>
    public static long? MessageOf(Memory? memory) =>
        memory?.Metadata.TryGetProperty(Message, out var id) == true && id.ValueKind == JsonValueKind.Number && id.TryGetInt64(out var number) ? number : null;

    /// <summary>Stages a create for each message.</summary>
    public async Task StageAsync(
        MemoryTransaction transaction, SessionName name, IReadOnlyList<SessionItem> messages, PromotionPolicy policy, CancellationToken cancellationToken)
    {
        var requests = messages.Select(message => new CreateRequest(
            message.Content, policy.Kind, policy.Scope ?? new Scope(Session: name.Name), MetadataOf(message, policy), policy.Importance, null, null, false)).ToList();
        var operations = await maker.MakeAsync(name.Tenant, requests, cancellationToken);
        foreach (var (operation, message) in operations.Zip(messages))
        {
            transaction.Stage(((WriteOperation.Create)operation) with { Dedupe = OnceOf(name, message) });
        }
    }

    private static DedupeRule OnceOf(SessionName name, SessionItem message) => DedupeRule.Once(
        "session message", name.Name, message.Role, message.Content, Microseconds.From(message.At).ToString(CultureInfo.InvariantCulture));

    private static JsonElement MetadataOf(SessionItem message, PromotionPolicy policy)
    {
        var metadata = policy.Metadata is { ValueKind: JsonValueKind.Object } given
            ? given.EnumerateObject().ToDictionary(property => property.Name, property => property.Value, StringComparer.Ordinal)
            : [];
        metadata[Message] = JsonSerializer.SerializeToElement(message.Id);
        metadata["role"] = JsonSerializer.SerializeToElement(message.Role, MemoryJson.Options);
        metadata["at"] = JsonSerializer.SerializeToElement(message.At, MemoryJson.Options);
        return CanonicalJson.Of(JsonSerializer.SerializeToElement(metadata, MemoryJson.Options));
    }
}
