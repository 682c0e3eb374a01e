using System.Security.Claims;
using MemoryAspire.Api.Authentication;
using MemoryAspire.Api.Database;
using MemoryAspire.Api.Requests;
using MemoryAspire.Coordination;

namespace MemoryAspire.Api.Memories;

/// <summary><c>POST /v1/memories</c></summary>
internal static class CreateMemory
{
    public static async Task<IResult> HandleAsync(
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
        var body = await RequestBody.ReadBytesAsync(context.Request, cancellationToken);
        var key = IdempotencyHeader.Read(context.Request, body.Span);
        var fields = RequestBody.Parse(body);
        var request = CreateRequest.Read(fields, database.Generation.Dimension, now);
        fields.ThrowIfWrong();

        var caller = Caller.Of(principal);
        var transaction = coordinator.Begin(caller, database, now, key, request.RequireAll);
        foreach (var operation in await maker.MakeAsync(caller.Tenant, [request], cancellationToken)) transaction.Stage(operation);
        var created = WriteAnswer.Single(context, watch, await transaction.CommitAsync(cancellationToken));
        return WriteAnswer.Memory(context, created, created.IsNew ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }
}
