using Google.Protobuf;
using Grpc.Core;
using MemoryAspire.Postgres.Log;
using MemoryAspire.ServiceDefaults.Resilience;
using Microsoft.Extensions.Logging;
using Index = MemoryAspire.Contracts.Index;

namespace MemoryAspire.Coordination.Participants;

/// <summary>
/// The index in a commit: prepare checks the vectors and keeps room for them, commit applies the events. It votes no on
/// what it could not take. New memories that fit in the room leased in advance need not ask it.
/// </summary>
public sealed class IndexParticipant(
    Index.MemoryIndex.MemoryIndexClient client,
    IndexRoom room,
    StorePipelines pipelines,
    TierInstruments instruments,
    ILogger<IndexParticipant> logger)
    : IParticipant
{
    private const string Name = "index";

    /// <summary>How long the index may wait for events that were committed before these.</summary>
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(200);

    public string Tier => Name;

    public async Task<IReadOnlyList<Vote>> PrepareAsync(Proposal proposal, CancellationToken cancellationToken)
    {
        var asked = proposal.Transactions.Where(IndexProposals.IsAsked).ToList();
        if (asked.Count == 0) return [.. proposal.Transactions.Select(_ => Votes.Yes)];
        if (IndexProposals.CreatesOnly(asked) is { } vectors && room.TryTake(proposal.Database, vectors)) return [.. proposal.Transactions.Select(_ => Votes.Yes)];
        var request = IndexProposals.ToRequest(proposal.Database, asked);
        try
        {
            var reply = await pipelines.IndexApply.ExecuteAsync(
                async token => await client.PrepareAsync(request, cancellationToken: token), cancellationToken);
            var votes = new Queue<Vote>(reply.Votes.Select(IndexProposals.ToVote));
            return [.. proposal.Transactions.Select(transaction => IndexProposals.IsAsked(transaction) ? votes.Dequeue() : Votes.Yes)];
        }
        catch (Exception exception) when (CannotServe(exception) || cancellationToken.IsCancellationRequested)
        {
            logger.ParticipantPassedOver(Name, exception.Message);
            return Votes.Away(proposal, IndexProposals.IsAsked, exception.Message);
        }
    }

    public async Task<IReadOnlyList<bool>> CommitAsync(Decision decision)
    {
        var request = new Index.ApplyRequest
        {
            Incarnation = decision.Database.Incarnation.Value,
            Generation = decision.Database.Generation.Number,
            WaitMilliseconds = (uint)Wait.TotalMilliseconds,
            Holder = room.Holder,
        };
        var events = decision.Transactions.SelectMany(transaction => transaction.Events).ToList();
        request.Events.AddRange(events.Select(IndexEvents.ToMessage));
        request.Transactions.AddRange(decision.Transactions.Select(transaction => transaction.Id.ToBytes()));
        try
        {
            var reply = await pipelines.IndexApply.ExecuteAsync(
                async cancellationToken => await client.ApplyAsync(request, cancellationToken: cancellationToken));
            var applied = reply.Applied.ToDictionary(at => at.Partition, at => at.Position);
            bool IsApplied(Contracts.Events.MemoryEvent @event) => applied.GetValueOrDefault(@event.Partition.Value) >= @event.Position.Value;
            foreach (var @event in decision.Made.Where(IsApplied)) instruments.Pushed(Name, @event);
            return [.. decision.Transactions.Select(transaction => transaction.Events.All(IsApplied))];
        }
        catch (Exception exception) when (CannotServe(exception))
        {
            logger.ParticipantPassedOver(Name, exception.Message);
            return [.. decision.Transactions.Select(_ => false)];
        }
    }

    public async Task AbortAsync(Proposal aborted)
    {
        IReadOnlyList<ByteString> taken = [.. aborted.Transactions.Where(IndexProposals.IsAsked).Select(transaction => transaction.Id.ToBytes())];
        if (taken.Count == 0) return;
        var request = new Index.AbortRequest
        {
            Incarnation = aborted.Database.Incarnation.Value,
            Generation = aborted.Database.Generation.Number,
            Transactions = { taken },
        };
        try
        {
            await pipelines.IndexApply.ExecuteAsync(async cancellationToken => await client.AbortAsync(request, cancellationToken: cancellationToken));
        }
        catch (Exception exception) when (CannotServe(exception))
        {
            logger.NotReleased(Name, exception.Message);
        }
    }

    /// <summary>True when the index cannot be reached, is too slow, or refuses: still loading, of another generation, full.</summary>
    public static bool CannotServe(Exception exception) => exception is RpcException || StoreFailures.IsIndexAway(exception);
}
