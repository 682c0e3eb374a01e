using MemoryAspire.Coordination.Participants;
using MemoryAspire.Postgres.Writes;

namespace MemoryAspire.Coordination.Tests;

/// <summary>A participant that votes and answers as a test says, and keeps what it was asked.</summary>
internal sealed class ScriptedParticipant(string tier, Action<string> note) : IParticipant
{
    public string Tier => tier;

    public Func<WriteTransaction, Vote> Votes { get; set; } = _ => new Vote.Yes();

    /// <summary>What prepare waits for.</summary>
    public Task Before { get; set; } = Task.CompletedTask;

    public Func<DecidedTransaction, bool> Applies { get; set; } = _ => true;

    public Task BeforeCommit { get; set; } = Task.CompletedTask;

    public async Task<IReadOnlyList<Vote>> PrepareAsync(Proposal proposal, CancellationToken cancellationToken)
    {
        await Before;
        return [.. proposal.Transactions.Select(Votes)];
    }

    public async Task<IReadOnlyList<bool>> CommitAsync(Decision decision)
    {
        await BeforeCommit;
        foreach (var transaction in decision.Transactions) note($"commit {tier} {transaction.Id}");
        return [.. decision.Transactions.Select(Applies)];
    }

    public Task AbortAsync(Proposal aborted)
    {
        foreach (var transaction in aborted.Transactions) note($"abort {tier} {transaction.Id}");
        return Task.CompletedTask;
    }
}
