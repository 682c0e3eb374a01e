namespace MemoryAspire.Api.Locks;

/// <summary>The body of a request for a lock, for the description of the API; <see cref="LockRequest"/> reads it.</summary>
/// <param name="TtlSeconds">How long the lease runs: above 0, at most 86400.</param>
/// <param name="FencingToken">Of the lease to be renewed; absent: a new one.</param>
internal sealed record LockBody(double TtlSeconds, long? FencingToken = null);

/// <summary>A lease that runs.</summary>
/// <param name="FencingToken">More than that of every lease of this lock before.</param>
/// <param name="ExpiresAt">By PostgreSQL's clock.</param>
internal sealed record HeldLock(string Name, long FencingToken, DateTimeOffset ExpiresAt);
