using MemoryAspire.Api.Authentication;
using MemoryAspire.Api.Consistency;
using MemoryAspire.Api.Database;
using MemoryAspire.Api.Problems;
using MemoryAspire.Api.Requests;
using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.Coordination;
using MemoryAspire.Coordination.Database;
using MemoryAspire.Postgres.Writes;

namespace MemoryAspire.Api.Memories;

/// <summary>A write of one request, from its beginning to the headers of its answer.</summary>
internal static class WriteAnswer
{
    extension(MemoryCoordinator coordinator)
    {
        public MemoryTransaction Begin(Caller caller, DatabaseState database, DateTimeOffset now, IdempotencyKey? key, bool requireAll) =>
            coordinator.Begin(Guid.CreateVersion7(now), caller.Tenant, caller.Actor, database, key, requireAll);
    }

    /// <summary>The event of a write of one operation, with the headers of its answer set.</summary>
    /// <exception cref="Problems.Refusal">Nothing was stored.</exception>
    public static Written Single(HttpContext context, DatabaseWatch watch, Coordinated coordinated)
    {
        if (WriteRefusals.Of(coordinated.Outcome) is { } refusal) throw refusal;
        var committed = (WriteOutcome.Committed)coordinated.Outcome;
        Describe(context, watch, committed, coordinated.Tiers);
        var result = committed.Results.Single();
        var written = result.Event ?? throw new InvalidOperationException("A write of one operation has no event.");
        if (written.Type == EventType.Created) context.Response.Headers.Location = $"/v1/memories/{written.MemoryId}";
        return new Written(written, coordinated.Tiers, result.IsNew);
    }

    /// <summary>The answer with the memory as it now is.</summary>
    public static IResult Memory(HttpContext context, Written written, int status)
    {
        // A request that is repeated after its memory was erased.
        if (written.Event.Redacted is not null) throw new Refusal(StatusCodes.Status410Gone, "What this request wrote has been erased.");
        var state = written.Event.State ?? throw new InvalidOperationException("A written memory has no state.");
        context.Response.Headers.ETag = ETag(written.Event.Version);
        return TypedResults.Json(new WrittenMemory(state.Memory, Tiers.Of(written.Tiers)), statusCode: status);
    }

    /// <summary>Sets what every answer to a write says in its headers.</summary>
    public static void Describe(HttpContext context, DatabaseWatch watch, WriteOutcome.Committed committed, TierStates tiers)
    {
        See(context, watch, committed);
        context.Response.Headers[Tiers.Header] = tiers.ToString();
        if (committed.Replayed) context.Response.Headers[IdempotencyHeader.Replayed] = "true";
    }

    /// <summary>Puts what was written into the answer's token.</summary>
    public static void See(HttpContext context, DatabaseWatch watch, WriteOutcome.Committed committed)
    {
        var seen = committed.Told.SelectMany(IEnumerable<KeyValuePair<Partition, Position>> (@event) => [KeyValuePair.Create(@event.Partition, @event.Position), .. @event.Span]).ToList();
        foreach (var (partition, position) in seen) watch.Note(partition, position);
        RequestConsistency.Of(context).See(seen);
    }

    public static string ETag(long version) => $"\"{version}\"";
}

/// <summary>What a write of one operation did.</summary>
/// <param name="IsNew">False when a create found the memory instead of making it.</param>
internal readonly record struct Written(MemoryEvent Event, TierStates Tiers, bool IsNew);
