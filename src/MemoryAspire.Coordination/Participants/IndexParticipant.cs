using Grpc.Core;
using MemoryAspire.ServiceDefaults.Resilience;
using Microsoft.Extensions.Logging;
using Index = MemoryAspire.Contracts.Index;

namespace MemoryAspire.Coordination.Participants;

/// <summary>Puts decided events into the index.</summary>
public sealed class IndexParticipant(Index.MemoryIndex.MemoryIndexClient client, StorePipelines pipelines, ILogger<IndexParticipant> logger) : IParticipant
{
    public string Tier => "index";

    public Task<IReadOnlyList<Vote>> PrepareAsync(Proposal proposal, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Vote>>([.. proposal.Transactions.Select(_ => new Vote.Yes())]);

    public async Task<IReadOnlyList<bool>> CommitAsync(Decision decision)
    {
        var all = await ApplyAsync(decision);
        return [.. decision.Transactions.Select(_ => all)];
    }

    public Task AbortAsync(Proposal aborted) => Task.CompletedTask;

    /// <summary>How long the index may wait for events that were committed before these.</summary>
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(200);

    /// <summary>True when the index has every event; false when it will get them by following the log.</summary>
    public async Task<bool> ApplyAsync(Decision decision)
    {
        var request = new Index.ApplyRequest
        {
            Incarnation = decision.Database.Incarnation.Value,
            Generation = decision.Database.Generation.Number,
            WaitMilliseconds = (uint)Wait.TotalMilliseconds,
        };
        var events = decision.Transactions.SelectMany(transaction => transaction.Events).ToList();
        request.Events.AddRange(events.Select(IndexEvents.ToMessage));
        try
        {
            var reply = await pipelines.IndexApply.ExecuteAsync(
                async cancellationToken => await client.ApplyAsync(request, cancellationToken: cancellationToken));
            var applied = reply.Applied.ToDictionary(at => at.Partition, at => at.Position);
            return events.All(@event => applied.GetValueOrDefault(@event.Partition.Value) >= @event.Position.Value);
        }
        catch (Exception exception) when (CannotServe(exception))
        {
            logger.ParticipantPassedOver("index", exception.Message);
            return false;
        }
    }

    /// <summary>True when the index cannot be reached, is too slow, or refuses: still loading, of another generation, full.</summary>
    public static bool CannotServe(Exception exception) => exception is RpcException || StoreFailures.IsIndexAway(exception);
}
