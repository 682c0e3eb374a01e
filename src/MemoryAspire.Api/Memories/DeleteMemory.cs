using System.Security.Claims;
using MemoryAspire.Api.Authentication;
using MemoryAspire.Api.Database;
using MemoryAspire.Api.Erasure;
using MemoryAspire.Api.Requests;
using MemoryAspire.Coordination;
using MemoryAspire.Postgres.Writes;

namespace MemoryAspire.Api.Memories;

/// <summary><c>DELETE /v1/memories/{id}</c></summary>
internal static class DeleteMemory
{
    public static async Task<IResult> HandleAsync(
        string id,
        HttpContext context,
        ClaimsPrincipal principal,
        DatabaseWatch watch,
        MemoryCoordinator coordinator,
        TimeProvider time,
        EraseMemories erasing,
        CancellationToken cancellationToken)
    {
        if (EraseMemories.IsAsked(context.Request)) return await erasing.EraseAsync(context, Caller.Of(principal), QueryFields.Id(id), cancellationToken);
        var key = IdempotencyHeader.Read(context.Request, []);
        var transaction = coordinator.Begin(Caller.Of(principal), watch.Current, time.GetUtcNow(), key, RequireField.RequireAll(context.Request));
        transaction.Stage(new WriteOperation.Delete(QueryFields.Id(id), IfMatchHeader.Read(context.Request)));
        WriteAnswer.Single(context, watch, await transaction.CommitAsync(cancellationToken));
        return TypedResults.NoContent();
    }
}
