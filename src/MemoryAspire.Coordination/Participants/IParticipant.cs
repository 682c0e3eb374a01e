using MemoryAspire.Contracts.Events;
using MemoryAspire.Coordination.Database;
using MemoryAspire.Postgres.Writes;

namespace MemoryAspire.Coordination.Participants;

/// <summary>
/// A derived tier as the coordinator sees it. None of its methods throws because the tier is away: that is a vote,
/// or events that are not applied.
/// </summary>
public interface IParticipant
{
    /// <summary>The tier's name in answers: <c>redis</c>, <c>index</c>.</summary>
    string Tier { get; }

    /// <summary>
    /// Asks whether the tier will take some transactions, and readies it: one vote each, in their order. Nothing is
    /// forced to a disk, because the decision carries the redo.
    /// </summary>
    Task<IReadOnlyList<Vote>> PrepareAsync(Proposal proposal, CancellationToken cancellationToken);

    /// <summary>
    /// Applies decided transactions and releases what prepare took for them: for each, in their order, whether the
    /// tier has all its events. What it has not arrives by following the log.
    /// </summary>
    Task<IReadOnlyList<bool>> CommitAsync(Decision decision);

    /// <summary>Releases what prepare took for these transactions. What cannot be released now expires.</summary>
    Task AbortAsync(Proposal aborted);
}

/// <summary>Transactions that are about to be decided.</summary>
public sealed record Proposal(DatabaseState Database, IReadOnlyList<WriteTransaction> Transactions);

/// <summary>Transactions that are committed in PostgreSQL.</summary>
public sealed record Decision(DatabaseState Database, IReadOnlyList<DecidedTransaction> Transactions)
{
    /// <summary>The events that these transactions made, without those of earlier ones that they are answered with.</summary>
    public IEnumerable<MemoryEvent> Made => Transactions.SelectMany(transaction => transaction.Events.Where(@event => @event.TransactionId == transaction.Id));
}

/// <summary>A transaction's events, in the order of its operations.</summary>
public sealed record DecidedTransaction(Guid Id, IReadOnlyList<MemoryEvent> Events);

/// <summary>A participant's answer to prepare.</summary>
public abstract record Vote
{
    private Vote()
    {
    }

    public sealed record Yes : Vote;

    /// <summary>The transaction must not be committed.</summary>
    public sealed record No(string Reason) : Vote;

    /// <summary>The tier cannot be reached, or cannot take part now; it gets the events from the log.</summary>
    public sealed record Absent(string Reason) : Vote;
}
