using MemoryAspire.Api.Consistency;
using MemoryAspire.Api.Database;
using MemoryAspire.Api.Problems;
using MemoryAspire.Api.Requests;
using MemoryAspire.Contracts.Events;
using MemoryAspire.Coordination;
using MemoryAspire.Postgres.Writes;

namespace MemoryAspire.Api.Memories;

/// <summary>What every answer to a write says in its headers.</summary>
internal static class WriteAnswer
{
    /// <summary>The event of a write of one operation, with the headers of its answer set.</summary>
    /// <exception cref="Refusal">Nothing was stored.</exception>
    public static MemoryEvent Single(HttpContext context, DatabaseWatch watch, WriteOutcome outcome, TierStates tiers) => outcome switch
    {
        WriteOutcome.Committed { Events: [var written] } committed => Describe(context, watch, written, committed.Replayed, tiers),
        WriteOutcome.NotFound => throw Refusal.NotFound(),
        WriteOutcome.VersionConflict conflict => throw Conflict(conflict),
        WriteOutcome.KeyReused => throw IdempotencyHeader.Reused(),
        WriteOutcome.KeyInFlight => throw IdempotencyHeader.InFlight(),
        _ => throw new InvalidOperationException($"Unhandled outcome {outcome}."),
    };

    public static string ETag(long version) => $"\"{version}\"";

    private static MemoryEvent Describe(HttpContext context, DatabaseWatch watch, MemoryEvent written, bool replayed, TierStates tiers)
    {
        watch.Note(written.Partition, written.Position);
        RequestConsistency.Of(context).See(written.Partition, written.Position);
        context.Response.Headers[Tiers.Header] = tiers.ToString();
        if (replayed) context.Response.Headers[IdempotencyHeader.Replayed] = "true";
        if (written.Type == EventType.Created) context.Response.Headers.Location = $"/v1/memories/{written.MemoryId}";
        return written;
    }

    private static Refusal Conflict(WriteOutcome.VersionConflict conflict) =>
        new(StatusCodes.Status412PreconditionFailed, $"The memory has version {conflict.Current.Version}.")
        {
            Members = new Dictionary<string, object?> { ["current"] = conflict.Current },
        };
}
