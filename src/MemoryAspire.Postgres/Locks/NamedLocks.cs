using System.Text.Json;
using MemoryAspire.Postgres.Memories;
using MemoryAspire.Postgres.Writes;
using Npgsql;

namespace MemoryAspire.Postgres.Locks;

/// <summary>
/// Leases of named locks, for those who must not act twice. A lease ends by itself, so its holder may act on after it has
/// ended: what is acted upon refuses a fencing token that is less than one it has seen.
/// </summary>
public sealed class NamedLocks(NpgsqlDataSource dataSource, TransactionStatus status)
{
    /// <summary>Grants a new lease, unless one runs.</summary>
    /// <exception cref="NpgsqlException">Nothing was changed.</exception>
    /// <exception cref="UnknownOutcomeException">Whether it was changed cannot be known now.</exception>
    public async Task<LockOutcome> AcquireAsync(LockName name, TimeSpan ttl, IdempotencyKey? key, CancellationToken cancellationToken)
    {
        while (true)
        {
            var outcome = await ChangeAsync(name, LockStatements.Acquire(name, ttl), key, cancellationToken);

            // Refused for a lease that lapsed before it could be told: then there is none now.
            if (outcome is not LockOutcome.NotHeld) return outcome;
        }
    }

    /// <summary>Gives the newest lease another end, though it has lapsed, if it was not released.</summary>
    /// <inheritdoc cref="AcquireAsync"/>
    public Task<LockOutcome> RenewAsync(LockName name, long fencingToken, TimeSpan ttl, IdempotencyKey? key, CancellationToken cancellationToken) =>
        ChangeAsync(name, LockStatements.Renew(name, fencingToken, ttl), key, cancellationToken);

    /// <summary>Ends a lease that runs.</summary>
    /// <inheritdoc cref="AcquireAsync"/>
    public Task<LockOutcome> ReleaseAsync(LockName name, long fencingToken, IdempotencyKey? key, CancellationToken cancellationToken) =>
        ChangeAsync(name, LockStatements.Release(name, fencingToken), key, cancellationToken);

    private async Task<LockOutcome> ChangeAsync(LockName name, NpgsqlBatchCommand change, IdempotencyKey? key, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (key is not null && await KeptAnswers.TakeAsync(transaction, name.Tenant, key, cancellationToken) is { } before) return Settled(before);

        var (outcome, xid) = await ChangeAsync(transaction, name, change, cancellationToken);
        if (outcome is not LockOutcome.Done done) return outcome;
        if (key is not null) await KeptAnswers.KeepAsync(transaction, name.Tenant, key, JsonSerializer.SerializeToElement(done.Lease), done: true, cancellationToken);
        await transaction.CommitAsync(xid, status);
        return done;
    }

    private static async Task<(LockOutcome Outcome, string Xid)> ChangeAsync(
        NpgsqlTransaction transaction, LockName name, NpgsqlBatchCommand change, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction) { BatchCommands = { change, LockStatements.Current(name) } };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        if (await reader.ReadAsync(cancellationToken)) return (new LockOutcome.Done(new LockLease(reader.GetInt64(0), reader.Time(1))), reader.GetString(2));
        await reader.NextResultAsync(cancellationToken);
        return (await reader.ReadAsync(cancellationToken) ? Refusal(reader.Time(0), reader.GetTimeSpan(1)) : new LockOutcome.NotHeld(), "");
    }

    private static LockOutcome Refusal(DateTimeOffset expiresAt, TimeSpan remaining) =>
        remaining > TimeSpan.Zero ? new LockOutcome.Held(expiresAt, remaining) : new LockOutcome.NotHeld();

    private static LockOutcome Settled(KeptAnswer before) => before switch
    {
        KeptAnswer.Kept kept => new LockOutcome.Done(
            kept.Answer.Deserialize<LockLease>() ?? throw new InvalidOperationException("A kept answer is not a lease."), Replayed: true),
        KeptAnswer.Reused => new LockOutcome.KeyReused(),
        KeptAnswer.InFlight => new LockOutcome.KeyInFlight(),
        _ => throw new InvalidOperationException($"Unhandled answer {before}."),
    };
}
