using System.Security.Claims;
using MemoryAspire.Api.Authentication;
using MemoryAspire.Api.Consistency;
using MemoryAspire.Api.Database;
using MemoryAspire.Api.History;
using MemoryAspire.Api.Problems;
using MemoryAspire.Api.Requests;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Coordination;
using MemoryAspire.Postgres.Conflicts;
using MemoryAspire.Postgres.Writes;

namespace MemoryAspire.Api.Memories;

/// <summary><c>POST /v1/memories/{id}/revert</c>: a new version with the state, and the vector, of an old one.</summary>
internal static class RevertMemory
{
    public static async Task<IResult> HandleAsync(
        string id,
        HttpContext context,
        ClaimsPrincipal principal,
        DatabaseWatch watch,
        GetPast past,
        MemoryCoordinator coordinator,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var database = watch.Current;
        var now = time.GetUtcNow();
        var memoryId = QueryFields.Id(id);
        var body = await RequestBody.ReadBytesAsync(context.Request, cancellationToken);
        var key = IdempotencyHeader.Read(context.Request, body.Span);
        var fields = RequestBody.Parse(body);
        var version = fields.Integer("version", 1, int.MaxValue);
        if (version is null && !fields.IsWrong("version")) fields.Fail("version", "is required.");
        var requireAll = fields.RequireAll();
        fields.ThrowIfWrong();

        var caller = Caller.Of(principal);
        var old = await past.ReadAsync(caller.Tenant, memoryId, new PastPoint.AtVersion(version!.Value), withVector: true, RequestConsistency.Of(context), cancellationToken);
        if (old.Memory.ExpiresAt <= now)
        {
            throw new Refusal(StatusCodes.Status409Conflict, $"Version {version} expired at {old.Memory.ExpiresAt:O}: reverting to it would remove the memory.");
        }

        var transaction = coordinator.Begin(caller, database, now, key, requireAll);
        transaction.Stage(Restore(memoryId, old, IfMatchHeader.Read(context.Request)));
        var reverted = WriteAnswer.Single(context, watch, await transaction.CommitAsync(cancellationToken));
        return WriteAnswer.Memory(context, reverted, StatusCodes.Status200OK);
    }

    private static WriteOperation.Update Restore(MemoryId id, MemoryRecord old, long? ifMatch)
    {
        var memory = old.Memory;
        var patch = new MemoryPatch
        {
            Content = memory.Content,
            Kind = memory.Kind,
            Importance = memory.Importance,
            Metadata = new MetadataChange.Replace(memory.Metadata),
            ExpiresAt = new ExpiryChange(memory.ExpiresAt),
        };
        return new WriteOperation.Update(id, patch, ifMatch, Vector: old.Vector);
    }
}
