using System.Diagnostics;
using MemoryAspire.Coordination.Database;
using MemoryAspire.Coordination.Groups;
using MemoryAspire.Postgres.Writes;

namespace MemoryAspire.Coordination;

/// <summary>
/// Commits transactions over the three stores, by two-phase commit with the coordinator's log: PostgreSQL's COMMIT is the
/// decision and carries everybody's redo, so a participant that cannot be reached is passed over and follows the log.
/// docs/transactions.md says why that is enough.
/// </summary>
public sealed class MemoryCoordinator(WriteLanes lanes)
{
    /// <summary>Traces of this project.</summary>
    public static ActivitySource Source { get; } = new("MemoryAspire.Coordination");

    /// <summary>A transaction to stage operations on.</summary>
    /// <param name="id">Of the transaction, as the log will name it.</param>
    /// <param name="key">What makes a repetition harmless.</param>
    /// <param name="requireAll">True when nothing is to be stored unless every participant votes yes.</param>
    public MemoryTransaction Begin(Guid id, string tenant, string actor, DatabaseState database, IdempotencyKey? key = null, bool requireAll = false) =>
        new(lanes, new WriteTransaction(id, tenant, actor, database.Generation.Model, [], key) { RequireAll = requireAll }, database);
}

/// <summary>Operations that become visible together or not at all, in every tier.</summary>
public sealed class MemoryTransaction
{
    private readonly List<WriteOperation> _operations = [];
    private readonly WriteLanes _lanes;
    private readonly WriteTransaction _begun;
    private readonly DatabaseState _database;

    internal MemoryTransaction(WriteLanes lanes, WriteTransaction begun, DatabaseState database) =>
        (_lanes, _begun, _database) = (lanes, begun, database);

    public void Stage(WriteOperation operation) => _operations.Add(operation);

    /// <summary>Prepares, decides and commits; returns when the outcome is known and the participants were told.</summary>
    /// <remarks>Any exception but <see cref="UnknownOutcomeException"/>: nothing was stored.</remarks>
    /// <exception cref="UnknownOutcomeException">Whether it was stored cannot be known now.</exception>
    public async Task<Coordinated> CommitAsync(CancellationToken cancellationToken)
    {
        using var activity = MemoryCoordinator.Source.StartActivity("commit");
        var coordinated = await _lanes.CommitAsync(_begun with { Operations = [.. _operations] }, _database, cancellationToken);

        // The index has the memory, but not the vector it is found by.
        return _operations.Exists(operation => operation.EmbedLater) ? coordinated with { Tiers = coordinated.Tiers with { Index = false } } : coordinated;
    }
}

/// <summary>What became of a transaction, and which tiers have it.</summary>
public sealed record Coordinated(WriteOutcome Outcome, TierStates Tiers);

/// <summary>Which derived tiers have a write; PostgreSQL has every write that is acknowledged.</summary>
public sealed record TierStates(bool Redis, bool Index)
{
    public static TierStates None { get; } = new(false, false);

    /// <summary>The header's form: <c>postgres=applied, redis=applied|pending, index=applied|pending</c>.</summary>
    public override string ToString() => $"postgres=applied, redis={Text(Redis)}, index={Text(Index)}";

    /// <summary>Of several writes: a tier has them if it has each.</summary>
    public TierStates And(TierStates other) => new(Redis && other.Redis, Index && other.Index);

    /// <summary>The word of a tier's state.</summary>
    public static string Text(bool applied) => applied ? "applied" : "pending";
}
