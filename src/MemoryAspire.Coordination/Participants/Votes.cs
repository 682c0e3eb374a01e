using MemoryAspire.Postgres.Writes;

namespace MemoryAspire.Coordination.Participants;

/// <summary>Votes that are the same for several transactions.</summary>
internal static class Votes
{
    public static Vote Yes { get; } = new Vote.Yes();

    /// <summary>The tier is away: those that it would have been asked about are not voted on; the others do not need it.</summary>
    public static IReadOnlyList<Vote> Away(Proposal proposal, Func<WriteTransaction, bool> isAsked, string reason)
    {
        var absent = new Vote.Absent(reason);
        return [.. proposal.Transactions.Select(transaction => isAsked(transaction) ? absent : Yes)];
    }
}
