using MemoryAspire.Coordination.Participants;
using MemoryAspire.Postgres.Writes;
using Microsoft.Extensions.Logging;

namespace MemoryAspire.Coordination.Groups;

/// <summary>The second phase: tells the participants what was decided, and then whoever waits.</summary>
internal sealed class Delivery(IEnumerable<IParticipant> participants, ILogger<Delivery> logger)
{
    private readonly IParticipant[] _participants = [.. participants];

    /// <summary>Never throws.</summary>
    public async Task DeliverAsync(List<PendingWrite> group, IReadOnlyList<WriteOutcome> outcomes)
    {
        var committed = new List<(PendingWrite Write, WriteOutcome.Committed Outcome)>(group.Count);
        var aborted = new List<PendingWrite>();
        for (var number = 0; number < group.Count; number++)
        {
            // A repetition has no intents; its tiers, and those of a memory that was found, are those of now.
            if (outcomes[number] is WriteOutcome.Committed { Told.Count: > 0 } done) committed.Add((group[number], done));
            else aborted.Add(group[number]);
        }

        var aborting = AbortAsync(aborted);
        await CommitAsync(committed);
        await aborting;
        for (var number = 0; number < group.Count; number++) group[number].Settle(outcomes[number], TierStates.None);
    }

    /// <summary>Releases what prepare took, in the reverse of its order. Never throws.</summary>
    public async Task AbortAsync(IReadOnlyList<PendingWrite> aborted)
    {
        if (aborted.Count == 0) return;
        var proposal = new Proposal(aborted[0].Database, [.. aborted.Select(write => write.Transaction)]);
        foreach (var participant in _participants.Reverse())
        {
            try
            {
                await participant.AbortAsync(proposal);
            }
            catch (Exception exception)
            {
                logger.ReleaseFailed(participant.Tier, exception);
            }
        }
    }

    private async Task CommitAsync(List<(PendingWrite Write, WriteOutcome.Committed Outcome)> committed)
    {
        if (committed.Count == 0) return;
        var decision = new Decision(
            committed[0].Write.Database, [.. committed.Select(one => new DecidedTransaction(one.Write.Transaction.Id, one.Outcome.Told))]);
        var applied = await Task.WhenAll(_participants.Select(participant => CommitAsync(participant, decision)));
        CommitSteps.Reached(CommitSteps.Answering);
        for (var number = 0; number < committed.Count; number++)
        {
            var tiers = new TierStates(Has("redis", number), Has("index", number));
            committed[number].Write.Settle(committed[number].Outcome, tiers);
        }

        bool Has(string tier, int number) => applied[Array.FindIndex(_participants, participant => participant.Tier == tier)][number];
    }

    /// <summary>Decided: whatever happens here, the events reach the tier by the log.</summary>
    private async Task<IReadOnlyList<bool>> CommitAsync(IParticipant participant, Decision decision)
    {
        try
        {
            var applied = await participant.CommitAsync(decision);
            CommitSteps.Reached(CommitSteps.AppliedIn(participant.Tier));
            return applied;
        }
        catch (Exception exception)
        {
            logger.DeliveryFailed(participant.Tier, exception);
            return new bool[decision.Transactions.Count];
        }
    }
}
