using System.Security.Claims;
using MemoryAspire.Api.Authentication;
using MemoryAspire.Api.Requests;
using MemoryAspire.Postgres.Locks;
using MemoryAspire.ServiceDefaults.Resilience;

namespace MemoryAspire.Api.Locks;

/// <summary><c>DELETE /v1/locks/{name}?fencingToken=…</c>: ends the lease.</summary>
internal static class ReleaseLock
{
    public static async Task<IResult> HandleAsync(
        string name, HttpContext context, ClaimsPrincipal principal, NamedLocks locks, StorePipelines pipelines, CancellationToken cancellationToken)
    {
        var @lock = LockRequest.Name(Caller.Of(principal), name);
        var key = IdempotencyHeader.Read(context.Request, []);
        var fencingToken = LockRequest.Token(context.Request) ?? throw LockAnswer.NoToken();
        var outcome = await pipelines.PostgresWrite.ExecuteAsync(
            async token => await locks.ReleaseAsync(@lock, fencingToken, key, token), cancellationToken);
        LockAnswer.Of(context, outcome);
        return TypedResults.NoContent();
    }
}
