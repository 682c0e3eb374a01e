namespace MemoryAspire.Postgres.Locks;

/// <summary>A lock's name, which is its tenant's own.</summary>
/// <param name="Name">1..256 characters.</param>
public sealed record LockName(string Tenant, string Name);

/// <summary>A lease.</summary>
/// <param name="FencingToken">More than that of every lease of this lock before.</param>
/// <param name="ExpiresAt">By PostgreSQL's clock; of a released lease, when it ended.</param>
public sealed record LockLease(long FencingToken, DateTimeOffset ExpiresAt);

/// <summary>What became of a request for a lock. Anything but <see cref="Done"/>: nothing was changed.</summary>
public abstract record LockOutcome
{
    private LockOutcome()
    {
    }

    /// <summary>It was granted, renewed or released.</summary>
    /// <param name="Replayed">An earlier request with the same key did it, and this is how the lease was then.</param>
    public sealed record Done(LockLease Lease, bool Replayed = false) : LockOutcome;

    /// <summary>A lease that the caller does not hold runs.</summary>
    /// <param name="Remaining">How long it still runs, by PostgreSQL's clock.</param>
    public sealed record Held(DateTimeOffset ExpiresAt, TimeSpan Remaining) : LockOutcome;

    /// <summary>The fencing token given is not the newest, or its lease has ended; and no other lease runs.</summary>
    public sealed record NotHeld : LockOutcome;

    /// <summary>The idempotency key names another request.</summary>
    public sealed record KeyReused : LockOutcome;

    /// <summary>The first request with the idempotency key is still under way after 2 s.</summary>
    public sealed record KeyInFlight : LockOutcome;
}
