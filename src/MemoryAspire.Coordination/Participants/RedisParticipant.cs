using MemoryAspire.Contracts.Events;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Postgres.Log;
using MemoryAspire.Postgres.Writes;
using MemoryAspire.Redis;
using MemoryAspire.Redis.Intents;
using MemoryAspire.ServiceDefaults.Resilience;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace MemoryAspire.Coordination.Participants;

/// <summary>
/// Redis in a commit: prepare puts an intent on every memory that is about to change, commit applies the events and then
/// releases the intents. It never votes no.
/// </summary>
public sealed class RedisParticipant(
    WorkingMemory memory, MemoryIntents intents, StorePipelines pipelines, TierInstruments instruments, ILogger<RedisParticipant> logger)
    : IParticipant
{
    private const string Name = "redis";

    public string Tier => Name;

    public async Task<IReadOnlyList<Vote>> PrepareAsync(Proposal proposal, CancellationToken cancellationToken)
    {
        // Nobody can have cached what does not exist yet: creates need no intent, and without intents nobody need be asked.
        var asked = proposal.Transactions.Where(transaction => transaction.RequireAll).SelectMany(PartitionsOf).ToHashSet();
        var taken = proposal.Transactions.SelectMany(IntentsOf).ToHashSet();
        if (taken.Count + asked.Count == 0) return [.. proposal.Transactions.Select(_ => Votes.Yes)];
        try
        {
            var ready = await pipelines.Redis.ExecuteAsync(
                async token => await intents.PrepareAsync(taken, asked, proposal.Database.Incarnation).WaitAsync(token), cancellationToken);
            return [.. proposal.Transactions.Select(transaction => VoteOn(transaction, ready))];
        }
        catch (Exception exception) when (CannotServe(exception) || cancellationToken.IsCancellationRequested)
        {
            logger.ParticipantPassedOver(Name, exception.Message);
            return Votes.Away(proposal, IsAsked, exception.Message);
        }
    }

    public async Task<IReadOnlyList<bool>> CommitAsync(Decision decision)
    {
        try
        {
            return await pipelines.Redis.ExecuteAsync(async token => await ApplyAsync(decision).WaitAsync(token));
        }
        catch (Exception exception) when (CannotServe(exception))
        {
            logger.ParticipantPassedOver(Name, exception.Message);
            return [.. decision.Transactions.Select(_ => false)];
        }
    }

    public Task AbortAsync(Proposal aborted) => ReleaseAsync([.. aborted.Transactions.SelectMany(IntentsOf)]);

    /// <summary>True when Redis cannot be reached, is too slow, or refuses: full, read-only, loading.</summary>
    public static bool CannotServe(Exception exception) => exception is RedisException || StoreFailures.IsRedisAway(exception);

    private async Task<IReadOnlyList<bool>> ApplyAsync(Decision decision)
    {
        // In one partition, one script applies and releases. Over several, a release is sent only when every partition
        // has answered that it took its events. Where one refused, because it has no epoch, the intents stay: a reader that
        // slept may fill an older value into the epoch that begins next, and until the follower has applied the
        // transaction there, the other partitions would show it half. The follower needs about a second, the intents
        // last for thirty.
        var events = decision.Transactions.SelectMany(transaction => transaction.Events).ToList();
        var withinOne = decision.Transactions.Where(IsReleasedWithItsEvents).Select(transaction => transaction.Id).ToHashSet();
        var applied = await memory.ApplyAsync(events, decision.Database.Incarnation, withinOne);
        foreach (var @event in decision.Made.Where(@event => applied.ContainsKey(@event.Partition))) instruments.Pushed(Name, @event);

        IReadOnlyList<bool> outcomes =
            [.. decision.Transactions.Select(transaction => transaction.Events.All(@event => applied.ContainsKey(@event.Partition)))];
        await ReleaseAsync([.. decision.Transactions
            .Zip(outcomes)
            .Where(pair => pair.Second && !withinOne.Contains(pair.First.Id))
            .SelectMany(pair => IntentsOf(pair.First))]);
        return outcomes;
    }

    private async Task ReleaseAsync(IReadOnlyCollection<Intent> taken)
    {
        if (taken.Count == 0) return;
        try
        {
            await pipelines.Redis.ExecuteAsync(async token => await intents.ReleaseAsync(taken).WaitAsync(token));
        }
        catch (Exception exception) when (CannotServe(exception))
        {
            logger.NotReleased(Name, exception.Message);
        }
    }

    private static Vote VoteOn(WriteTransaction transaction, IReadOnlySet<Partition> ready)
    {
        var partitions = transaction.RequireAll ? PartitionsOf(transaction) : IntentsOf(transaction).Select(intent => intent.Memory.Partition);
        var without = partitions.Where(partition => !ready.Contains(partition)).Take(1).ToList();
        return without.Count == 0 ? Votes.Yes : new Vote.Absent($"Partition {without[0]} has no epoch.");
    }

    private static bool IsAsked(WriteTransaction transaction) => transaction.RequireAll || IntentsOf(transaction).Any();

    private static IEnumerable<Partition> PartitionsOf(WriteTransaction transaction) =>
        transaction.Operations.Select(operation => operation.Id.Partition);

    private static IEnumerable<Intent> IntentsOf(WriteTransaction transaction) => transaction.Operations
        .Where(operation => operation is not WriteOperation.Create)
        .Select(operation => new Intent(operation.Id, transaction.Id));

    private static IEnumerable<Intent> IntentsOf(DecidedTransaction transaction) => transaction.Events
        .Where(@event => @event.Type != EventType.Created)
        .Select(@event => new Intent(@event.MemoryId, transaction.Id));

    /// <summary>One partition, and events of its own: a repeated request is answered with those of the first one.</summary>
    private static bool IsReleasedWithItsEvents(DecidedTransaction transaction) =>
        transaction.Events.All(@event => @event.TransactionId == transaction.Id)
        && transaction.Events.Select(@event => @event.Partition).Distinct().Count() == 1;
}
