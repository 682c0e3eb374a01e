using System.Security.Claims;
using System.Text.Json;
using MemoryAspire.Api.Authentication;
using MemoryAspire.Api.Database;
using MemoryAspire.Api.Erasure;
using MemoryAspire.Api.Problems;
using MemoryAspire.Api.Requests;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Coordination;
using MemoryAspire.Postgres.Memories;
using MemoryAspire.Postgres.Writes;
using MemoryAspire.ServiceDefaults.Resilience;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MemoryAspire.Api.Memories;

/// <summary>How many memories went.</summary>
internal sealed record DeletedMemories(int Deleted);

/// <summary><c>DELETE /v1/memories?user=…</c>: everything of a scope that was there when it was asked for.</summary>
internal sealed class DeleteMemories(
    DatabaseWatch watch, MemoryLister lister, MemoryCoordinator coordinator, LongWork work, StorePipelines pipelines, EraseMemories erasing, TimeProvider time)
{
    /// <summary>Memories of one transaction.</summary>
    private const int PartMax = 500;

    /// <summary>Beyond every id of a moment.</summary>
    private static readonly MemoryId Last = new(Guid.AllBitsSet);

    public static Task<IResult> HandleAsync(HttpContext context, ClaimsPrincipal principal, DeleteMemories deletion, CancellationToken cancellationToken) =>
        deletion.DeleteAsync(context, Caller.Of(principal), cancellationToken);

    private async Task<IResult> DeleteAsync(HttpContext context, Caller caller, CancellationToken cancellationToken)
    {
        var request = context.Request;
        var selection = new MemorySelection(caller.Tenant, QueryFields.Scope(request), QueryFields.Kind(request), FilterFields.Filter(request));
        if (selection.Scope == Scope.None) throw Refusal.BadRequest("user", "or agent or session is required: everything of a tenant is not deleted at once.");
        if (EraseMemories.IsAsked(request))
        {
            if (selection.Filter is not null) throw Refusal.BadRequest("filter", "cannot be combined with erase, which takes a scope and a kind.");
            return await erasing.EraseAsync(context, caller, selection.Scope, selection.Kind, cancellationToken);
        }

        var key = IdempotencyHeader.Read(request, []);
        var begun = await pipelines.PostgresWrite.ExecuteAsync(async token => await work.BeginAsync(caller.Tenant, key, token), cancellationToken);
        switch (begun)
        {
            case WorkState.KeyReused: throw IdempotencyHeader.Reused();
            case WorkState.KeyInFlight: throw IdempotencyHeader.InFlight();
            case WorkState.Done done:
                context.Response.Headers[IdempotencyHeader.Replayed] = "true";
                return Answer(context, done.Answer.Deserialize<int>(), new TierStates(true, true));
        }

        var (deleted, tiers) = await DeleteAsync(context, caller, selection, key, ((WorkState.Begun)begun).At, cancellationToken);
        await pipelines.PostgresWrite.ExecuteAsync(
            async token => await work.FinishAsync(caller.Tenant, key, JsonSerializer.SerializeToElement(deleted), token), cancellationToken);
        return Answer(context, deleted, tiers);
    }

    private async Task<(int Deleted, TierStates Tiers)> DeleteAsync(
        HttpContext context, Caller caller, MemorySelection selection, IdempotencyKey? key, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var (deleted, tiers) = (0, new TierStates(true, true));
        for (var part = 0; ; part++)
        {
            var page = await pipelines.PostgresRead.ExecuteAsync(
                async token => await lister.ListAsync(selection, new ListCursor(until, Last), PartMax, token), cancellationToken);
            if (page.Memories.Count == 0 && key is null) return (deleted, tiers);

            // Nothing is left, but parts of an earlier attempt are still to be counted: an operation that changes nothing asks for them.
            var ids = page.Memories.Count > 0 ? page.Memories.Select(stored => stored.Record.Memory.Id) : [Last];
            var transaction = coordinator.Begin(caller, watch.Current, time.GetUtcNow(), LongWork.PartOf(key, part), RequireField.RequireAll(context.Request));
            foreach (var id in ids) transaction.Stage(new WriteOperation.Delete(id, IfExists: true));
            var (outcome, partTiers) = await transaction.CommitAsync(cancellationToken);
            if (WriteRefusals.Of(outcome) is { } refusal) throw refusal;
            var committed = (WriteOutcome.Committed)outcome;
            WriteAnswer.See(context, watch, committed);
            if (committed.Events.Count == 0 && page.Memories.Count == 0) return (deleted, tiers);
            deleted += committed.Events.Count;
            if (committed.Events.Count > 0) tiers = tiers.And(partTiers);
        }
    }

    private static JsonHttpResult<DeletedMemories> Answer(HttpContext context, int deleted, TierStates tiers)
    {
        context.Response.Headers[Tiers.Header] = tiers.ToString();
        return TypedResults.Json(new DeletedMemories(deleted));
    }
}
