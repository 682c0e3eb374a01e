using System.Security.Claims;
using MemoryAspire.Api.Authentication;
using MemoryAspire.Api.Database;
using MemoryAspire.Api.Memories;
using MemoryAspire.Api.Problems;
using MemoryAspire.Api.Requests;
using MemoryAspire.Coordination;
using MemoryAspire.Postgres.Writes;
using MemoryAspire.Redis.Sessions;
using MemoryAspire.ServiceDefaults.Resilience;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MemoryAspire.Api.Sessions;

/// <summary><c>POST /v1/sessions/{session}/promote</c>: makes memories of messages, all or none.</summary>
internal sealed class PromoteMessages(
    SessionCalls calls, SessionPromotion promotion, MemoryCoordinator coordinator, MemoryWriter writer, StorePipelines pipelines, DatabaseWatch watch, TimeProvider time)
{
    public static Task<IResult> HandleAsync(
        string session, HttpContext context, ClaimsPrincipal principal, PromoteMessages promote, CancellationToken cancellationToken) =>
        promote.PromoteAsync(context, Caller.Of(principal), session, cancellationToken);

    private async Task<IResult> PromoteAsync(HttpContext context, Caller caller, string segment, CancellationToken cancellationToken)
    {
        var name = SessionRequest.Name(caller, segment);
        var database = watch.Current;
        var body = await RequestBody.ReadBytesAsync(context.Request, cancellationToken);
        var key = IdempotencyHeader.Read(context.Request, body.Span);
        var fields = RequestBody.Parse(body);
        var chosen = SessionRequest.Chosen(fields);
        var policy = SessionRequest.Promotion(fields, name);
        var requireAll = fields.RequireAll();
        fields.ThrowIfWrong();

        var transaction = coordinator.Begin(caller, database, time.GetUtcNow(), key, requireAll);
        try
        {
            var session = (await calls.CallAsync(context, store => store.GetAsync(name), cancellationToken)).Session!;
            if (IfMatchHeader.Read(context.Request) is { } version && version != session.Version)
            {
                throw new Refusal(StatusCodes.Status412PreconditionFailed, $"The session has version {session.Version}.");
            }

            var messages = MessagesOf(session, chosen ?? [.. session.Messages.Select((_, at) => session.FirstMessage + at)]);
            await promotion.StageAsync(transaction, name, messages, policy, cancellationToken);
            var coordinated = await transaction.CommitAsync(cancellationToken);
            return Answer(context, coordinated.Outcome is WriteOutcome.Committed { Replayed: true } ? chosen : [.. messages.Select(message => message.Id)], coordinated);
        }
        catch (Refusal) when (key is not null)
        {
            // What was promoted under the key outlives the session and its messages.
            if (await ReplayAsync(new WriteTransaction(Guid.Empty, caller.Tenant, caller.Actor, database.Generation.Model, [], key), cancellationToken) is not { } before) throw;
            return Answer(context, chosen, new Coordinated(before, TierStates.None));
        }
    }

    private async Task<WriteOutcome.Committed?> ReplayAsync(WriteTransaction transaction, CancellationToken cancellationToken) =>
        await pipelines.PostgresRead.ExecuteAsync(async token => await writer.ReplayAsync(transaction, token), cancellationToken) as WriteOutcome.Committed;

    /// <param name="ids">Of the messages; null when all those of then were meant, which only the memories know by now.</param>
    private JsonHttpResult<PromotionAnswer> Answer(HttpContext context, IReadOnlyList<long>? ids, Coordinated coordinated)
    {
        if (WriteRefusals.Of(coordinated.Outcome) is { } refusal) throw refusal;
        var committed = (WriteOutcome.Committed)coordinated.Outcome;
        WriteAnswer.Describe(context, watch, committed, coordinated.Tiers);
        var results = committed.Results
            .Select((result, at) => (Result: result, result.Event?.State?.Memory, At: at))
            .Select(one => new PromotedMessage(ids?[one.At] ?? SessionPromotion.MessageOf(one.Memory) ?? one.At, StatusOf(one.Result), one.Memory))
            .ToList();
        return TypedResults.Json(new PromotionAnswer(results, Tiers.Of(coordinated.Tiers)));
    }

    private static int StatusOf(FoundMemory result) => result switch
    {
        { IsNew: true } => StatusCodes.Status201Created,
        { Event: null } => StatusCodes.Status410Gone,
        _ => StatusCodes.Status200OK,
    };

    private static List<SessionItem> MessagesOf(Session session, IReadOnlyList<long> ids)
    {
        if (ids.Count == 0) throw Refusal.BadRequest("messages", "are none: there is nothing to promote.");
        var items = SessionAnswer.ItemsOf(session);
        var messages = new List<SessionItem>(ids.Count);
        foreach (var id in ids)
        {
            var at = id - session.FirstMessage;
            if (at < 0 || at >= items.Count) throw Refusal.BadRequest($"messages[{messages.Count}]", $"names the message {id}, which the session does not have.");
            messages.Add(items[(int)at]);
        }

        return messages;
    }
}
