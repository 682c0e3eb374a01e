using System.Security.Claims;
using MemoryAspire.Api.Authentication;
using MemoryAspire.Api.Requests;
using MemoryAspire.Postgres.Locks;
using MemoryAspire.ServiceDefaults.Resilience;

namespace MemoryAspire.Api.Locks;

/// <summary><c>PUT /v1/locks/{name}</c>: takes the lock, or renews the lease whose fencing token is given.</summary>
internal static class TakeLock
{
    public static async Task<IResult> HandleAsync(
        string name, HttpContext context, ClaimsPrincipal principal, NamedLocks locks, StorePipelines pipelines, CancellationToken cancellationToken)
    {
        var @lock = LockRequest.Name(Caller.Of(principal), name);
        var body = await RequestBody.ReadBytesAsync(context.Request, cancellationToken);
        var key = IdempotencyHeader.Read(context.Request, body.Span);
        var fields = RequestBody.Parse(body);
        var (ttl, fencingToken) = LockRequest.Read(fields);
        fields.ThrowIfWrong();

        var outcome = await pipelines.PostgresWrite.ExecuteAsync(
            async token => fencingToken is { } held
                ? await locks.RenewAsync(@lock, held, ttl, key, token)
                : await locks.AcquireAsync(@lock, ttl, key, token),
            cancellationToken);
        var lease = LockAnswer.Of(context, outcome);
        return TypedResults.Json(new HeldLock(@lock.Name, lease.FencingToken, lease.ExpiresAt));
    }
}
