using System.Diagnostics;
using MemoryAspire.Coordination.Database;
using MemoryAspire.Coordination.Participants;
using MemoryAspire.Postgres.Writes;
using MemoryAspire.ServiceDefaults.Resilience;

namespace MemoryAspire.Coordination;

/// <summary>Which derived tiers have a write; PostgreSQL has every write that is acknowledged.</summary>
public sealed record TierStates(bool Redis, bool Index)
{
    /// <summary>The header's form: <c>postgres=applied, redis=applied|pending, index=applied|pending</c>.</summary>
    public override string ToString() => $"postgres=applied, redis={Text(Redis)}, index={Text(Index)}";

    /// <summary>The word of a tier's state.</summary>
    public static string Text(bool applied) => applied ? "applied" : "pending";
}

/// <summary>What became of a transaction, and which tiers have it.</summary>
public sealed record Coordinated(WriteOutcome Outcome, TierStates Tiers);

/// <summary>
/// Commits transactions over the three stores. PostgreSQL's COMMIT is the decision and carries everybody's
/// redo: a participant that cannot be reached is passed over, because it follows the log.
/// </summary>
public sealed class MemoryCoordinator(
    MemoryWriter writer, RedisParticipant redis, IndexParticipant index, StorePipelines pipelines)
{
    /// <summary>Traces of this project.</summary>
    public static ActivitySource Source { get; } = new("MemoryAspire.Coordination");

    /// <remarks>Any other exception: nothing was stored.</remarks>
    /// <exception cref="UnknownOutcomeException">Whether it was stored cannot be known now.</exception>
    public async Task<Coordinated> CommitAsync(WriteTransaction transaction, DatabaseState database, CancellationToken cancellationToken)
    {
        using var activity = Source.StartActivity("commit");
        var outcome = await pipelines.PostgresWrite.ExecuteAsync(
            async token => await writer.WriteAsync(transaction, token), cancellationToken);
        if (outcome is not WriteOutcome.Committed committed) return new Coordinated(outcome, new TierStates(false, false));

        // Decided: from here on nothing is given up, so the caller's cancellation no longer counts.
        var decision = new Decision(database, [new DecidedTransaction(transaction.Id, committed.Events)]);
        var inRedis = redis.CommitAsync(decision);
        var inIndex = index.CommitAsync(decision);
        return new Coordinated(outcome, new TierStates((await inRedis)[0], (await inIndex)[0]));
    }
}
