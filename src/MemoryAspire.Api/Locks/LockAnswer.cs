using MemoryAspire.Api.Problems;
using MemoryAspire.Api.Requests;
using MemoryAspire.Postgres.Locks;

namespace MemoryAspire.Api.Locks;

/// <summary>What became of a request for a lock, as an answer.</summary>
internal static class LockAnswer
{
    /// <summary>The lease, with the headers of its answer set.</summary>
    /// <exception cref="Refusal">Nothing was changed.</exception>
    public static LockLease Of(HttpContext context, LockOutcome outcome) => outcome switch
    {
        LockOutcome.Done done => Describe(context, done),
        LockOutcome.Held held => throw Held(held),
        LockOutcome.NotHeld => throw NotHeld(),
        LockOutcome.KeyReused => throw IdempotencyHeader.Reused(),
        LockOutcome.KeyInFlight => throw IdempotencyHeader.InFlight(),
        _ => throw new InvalidOperationException($"Unhandled outcome {outcome}."),
    };

    public static Refusal NoToken() => new(StatusCodes.Status409Conflict, "Only its holder releases a lock: give the fencingToken of the lease.");

    private static Refusal NotHeld() => new(
        StatusCodes.Status409Conflict,
        "The lock is not held under this fencingToken: it was released, has expired, or was never granted so. Take it anew, without a fencingToken.");

    private static LockLease Describe(HttpContext context, LockOutcome.Done done)
    {
        if (done.Replayed) context.Response.Headers[IdempotencyHeader.Replayed] = "true";
        return done.Lease;
    }

    private static Refusal Held(LockOutcome.Held held) => new(StatusCodes.Status409Conflict, "The lock is held under another fencingToken.")
    {
        RetryAfter = held.Remaining,
        Members = new Dictionary<string, object?> { ["expiresAt"] = held.ExpiresAt },
    };
}
