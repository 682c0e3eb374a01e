using MemoryAspire.Coordination.Participants;
using MemoryAspire.Postgres.Writes;
using MemoryAspire.ServiceDefaults.Resilience;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace MemoryAspire.Coordination.Groups;

/// <summary>
/// Two-phase commit of a group: prepare beside the locks, one COMMIT as the decision, then all participants at once.
/// Every transaction has its own outcome: one that fails takes nobody with it.
/// </summary>
internal sealed class GroupCommit(
    MemoryWriter writer, Voting voting, Delivery delivery, StorePipelines pipelines, GroupInstruments instruments, ILogger<GroupCommit> logger)
{
    private const int RetriesMax = 3;

    /// <summary>
    /// Returns when the group is decided; the task it returns completes when the participants were told and everybody
    /// has an answer. Never throws: what goes wrong is an outcome of the transactions.
    /// </summary>
    public async Task<Task> DecideAsync(List<PendingWrite> group)
    {
        CommitSteps.Reached(CommitSteps.Gathered);
        try
        {
            return delivery.DeliverAsync(group, await DecideTogetherAsync(group));
        }
        catch (PostgresException exception) when (!StoreFailures.IsPostgresAway(exception) && group.Count > 1)
        {
            // Something in it cannot be stored, and nothing was: alone, each fails or succeeds for itself.
            logger.GroupSplit(group.Count, exception.SqlState);
            var deliveries = new List<Task>(group.Count);
            foreach (var write in group) deliveries.Add(await DecideAsync([write]));
            return Task.WhenAll(deliveries);
        }
        catch (Exception exception)
        {
            foreach (var write in group) write.Fail(exception);

            // What may be committed keeps its intents until they expire: the follower brings what they hide.
            return exception is UnknownOutcomeException ? Task.CompletedTask : delivery.AbortAsync(group);
        }
    }

    private async Task<IReadOnlyList<WriteOutcome>> DecideTogetherAsync(List<PendingWrite> group)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await pipelines.PostgresWrite.ExecuteAsync(async token => await TryDecideAsync(group, token), CancellationToken.None);
            }
            catch (PostgresException exception) when (
                exception.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure && attempt < RetriesMax)
            {
                logger.GroupRetried(group.Count, exception.SqlState);
            }
        }
    }

    private async Task<IReadOnlyList<WriteOutcome>> TryDecideAsync(List<PendingWrite> group, CancellationToken cancellationToken)
    {
        var begun = instruments.Begin();
        var transactions = group.ConvertAll(write => write.Transaction);
        var voted = voting.AskAsync(new Proposal(group[0].Database, transactions), cancellationToken);
        await using var write = await writer.BeginAsync(transactions, cancellationToken);
        var outcomes = write.Plan(await voted);
        CommitSteps.Reached(CommitSteps.Planned);
        await write.CommitAsync();
        CommitSteps.Reached(CommitSteps.Committed);
        instruments.Decided(begun);
        return outcomes;
    }
}
