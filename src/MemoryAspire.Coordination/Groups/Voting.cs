using MemoryAspire.Coordination.Participants;
using MemoryAspire.Postgres.Writes;
using Microsoft.Extensions.Options;

namespace MemoryAspire.Coordination.Groups;

/// <summary>Asks every participant at once, for a bounded time: one that does not answer must not hold up COMMIT.</summary>
internal sealed class Voting(IEnumerable<IParticipant> participants, IOptions<WriteOptions> options, TimeProvider time)
{
    private readonly IParticipant[] _participants = [.. participants];

    /// <summary>The outcomes of those transactions that must not be committed.</summary>
    public async Task<IReadOnlyDictionary<Guid, WriteOutcome>> AskAsync(Proposal proposal, CancellationToken cancellationToken)
    {
        var votes = await Task.WhenAll(_participants.Select(participant => AskAsync(participant, proposal, cancellationToken)));
        CommitSteps.Reached(CommitSteps.Prepared);
        var refused = new Dictionary<Guid, WriteOutcome>();
        for (var number = 0; number < proposal.Transactions.Count; number++)
        {
            var transaction = proposal.Transactions[number];
            for (var of = 0; of < _participants.Length; of++)
            {
                var tier = _participants[of].Tier;
                switch (votes[of][number])
                {
                    case Vote.No no:
                        refused.TryAdd(transaction.Id, new WriteOutcome.Refused(tier, no.Reason));
                        break;
                    case Vote.Absent when transaction.RequireAll:
                        refused.TryAdd(transaction.Id, new WriteOutcome.Unreachable(tier));
                        break;
                }
            }
        }

        return refused;
    }

    private async Task<IReadOnlyList<Vote>> AskAsync(IParticipant participant, Proposal proposal, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            var asked = participant.PrepareAsync(proposal, patience.Token);
            return asked.IsCompleted ? await asked : await asked.WaitAsync(options.Value.PrepareMax, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            await patience.CancelAsync();
            return [.. proposal.Transactions.Select(_ => new Vote.Absent($"It did not vote within {options.Value.PrepareMax.TotalMilliseconds} ms."))];
        }
    }
}
