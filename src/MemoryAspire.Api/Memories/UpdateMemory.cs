using System.Security.Claims;
using MemoryAspire.Api.Authentication;
using MemoryAspire.Api.Database;
using MemoryAspire.Api.Requests;
using MemoryAspire.Coordination;

namespace MemoryAspire.Api.Memories;

/// <summary><c>PATCH /v1/memories/{id}</c></summary>
internal static class UpdateMemory
{
    public static async Task<IResult> HandleAsync(
        string id,
        HttpContext context,
        ClaimsPrincipal principal,
        DatabaseWatch watch,
        OperationMaker maker,
        MemoryCoordinator coordinator,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var database = watch.Current;
        var now = time.GetUtcNow();
        var memoryId = QueryFields.Id(id);
        var onConflict = UpdateRequests.OnConflictOf(context.Request);
        var ifMatch = IfMatchHeader.Read(context.Request);
        var body = await RequestBody.ReadBytesAsync(context.Request, cancellationToken);
        var key = IdempotencyHeader.Read(context.Request, body.Span);
        var fields = RequestBody.Parse(body);
        var update = fields.Update(memoryId, ifMatch, onConflict, database.Generation.Dimension, now);
        var requireAll = fields.RequireAll() | RequireField.RequireAll(context.Request);
        fields.ThrowIfWrong();

        var caller = Caller.Of(principal);
        var transaction = coordinator.Begin(caller, database, now, key, requireAll);
        foreach (var operation in await maker.MakeAsync(caller.Tenant, [update], cancellationToken)) transaction.Stage(operation);
        var updated = WriteAnswer.Single(context, watch, await transaction.CommitAsync(cancellationToken));
        return WriteAnswer.Memory(context, updated, StatusCodes.Status200OK);
    }
}
