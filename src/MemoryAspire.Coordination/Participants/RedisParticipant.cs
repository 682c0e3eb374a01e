using MemoryAspire.Redis;
using MemoryAspire.ServiceDefaults.Resilience;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace MemoryAspire.Coordination.Participants;

/// <summary>Puts decided events into Redis.</summary>
public sealed class RedisParticipant(WorkingMemory memory, StorePipelines pipelines, ILogger<RedisParticipant> logger) : IParticipant
{
    public string Tier => "redis";

    public Task<IReadOnlyList<Vote>> PrepareAsync(Proposal proposal, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Vote>>([.. proposal.Transactions.Select(_ => new Vote.Yes())]);

    public async Task<IReadOnlyList<bool>> CommitAsync(Decision decision)
    {
        var all = await ApplyAsync(decision);
        return [.. decision.Transactions.Select(_ => all)];
    }

    public Task AbortAsync(Proposal aborted) => Task.CompletedTask;

    /// <summary>True when Redis has every event; false when it will get them by following the log.</summary>
    public async Task<bool> ApplyAsync(Decision decision)
    {
        var events = decision.Transactions.SelectMany(transaction => transaction.Events).ToList();
        try
        {
            var applied = await pipelines.Redis.ExecuteAsync(
                async cancellationToken => await memory.ApplyAsync(events, decision.Database.Incarnation).WaitAsync(cancellationToken));
            return events.All(@event => applied.ContainsKey(@event.Partition));
        }
        catch (Exception exception) when (CannotServe(exception))
        {
            logger.ParticipantPassedOver("redis", exception.Message);
            return false;
        }
    }

    /// <summary>True when Redis cannot be reached, is too slow, or refuses: full, read-only, loading.</summary>
    public static bool CannotServe(Exception exception) => exception is RedisException || StoreFailures.IsRedisAway(exception);
}
