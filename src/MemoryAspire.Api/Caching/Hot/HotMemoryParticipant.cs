using MemoryAspire.Coordination.Participants;

namespace MemoryAspire.Api.Caching.Hot;

/// <summary>
/// This process's own memories in a commit: they take no part in the decision, and what it changed is thrown away before
/// anybody is answered.
/// </summary>
internal sealed class HotMemoryParticipant(HotMemories memories) : IParticipant
{
    private static readonly Vote Yes = new Vote.Yes();

    public string Tier => "memory";

    public Task<IReadOnlyList<Vote>> PrepareAsync(Proposal proposal, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Vote>>([.. proposal.Transactions.Select(_ => Yes)]);

    public Task<IReadOnlyList<bool>> CommitAsync(Decision decision)
    {
        foreach (var @event in decision.Transactions.SelectMany(transaction => transaction.Events)) memories.Invalidate(@event);
        return Task.FromResult<IReadOnlyList<bool>>([.. decision.Transactions.Select(_ => true)]);
    }

    public Task AbortAsync(Proposal aborted) => Task.CompletedTask;
}
