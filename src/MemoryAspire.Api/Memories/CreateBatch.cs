using System.Security.Claims;
using System.Text.Json.Serialization;
using MemoryAspire.Api.Authentication;
using MemoryAspire.Api.Database;
using MemoryAspire.Api.Problems;
using MemoryAspire.Api.Requests;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Coordination;
using MemoryAspire.Coordination.Database;
using MemoryAspire.Postgres.Writes;
using Microsoft.AspNetCore.Mvc;

namespace MemoryAspire.Api.Memories;

/// <summary>The answer to a batch: one item per memory, in the order sent.</summary>
internal sealed record BatchAnswer(IReadOnlyList<BatchItem> Items);

/// <summary>What became of one memory of a batch: the memory and its tiers, or the problem.</summary>
internal sealed record BatchItem(
    int Status,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Memory? Memory = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Tiers? Tiers = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ProblemDetails? Problem = null);

/// <summary><c>POST /v1/memories/batch</c></summary>
internal sealed class CreateBatch(DatabaseWatch watch, OperationMaker maker, MemoryCoordinator coordinator, TimeProvider time)
{
    private const string Path = "memories";

    private const int CountMax = 1000;

    public static Task<IResult> HandleAsync(HttpContext context, ClaimsPrincipal principal, CreateBatch batch, CancellationToken cancellationToken) =>
        batch.CreateAsync(context, Caller.Of(principal), cancellationToken);

    private async Task<IResult> CreateAsync(HttpContext context, Caller caller, CancellationToken cancellationToken)
    {
        var database = watch.Current;
        var now = time.GetUtcNow();
        var body = await RequestBody.ReadBytesAsync(context.Request, cancellationToken);
        var key = IdempotencyHeader.Read(context.Request, body.Span);
        var fields = RequestBody.Parse(body);
        var atomic = fields.Flag("atomic");
        var requireAll = fields.RequireAll();
        var items = fields.Objects(Path, CountMax, nested: atomic);
        var requests = items.Select(item => CreateRequest.Read(item, database.Generation.Dimension, now)).ToList();
        if (atomic)
        {
            foreach (var item in items) fields.Adopt(item);
        }

        fields.ThrowIfWrong();
        var batch = new Batch(caller, database, now, key, requireAll);
        var answers = atomic
            ? await TogetherAsync(context, batch, requests, cancellationToken)
            : await EachAsync(context, batch, requests, [.. items.Select(item => item.Wrong())], cancellationToken);
        return TypedResults.Json(new BatchAnswer(answers), statusCode: StatusCodes.Status207MultiStatus);
    }

    private readonly record struct Batch(Caller Caller, DatabaseState Database, DateTimeOffset Now, IdempotencyKey? Key, bool RequireAll);

    private async Task<IReadOnlyList<BatchItem>> TogetherAsync(HttpContext context, Batch batch, List<CreateRequest> requests, CancellationToken cancellationToken)
    {
        var requireAll = batch.RequireAll || requests.Exists(request => request.RequireAll);
        var transaction = coordinator.Begin(batch.Caller, batch.Database, batch.Now, batch.Key, requireAll);
        foreach (var operation in await maker.MakeAsync(batch.Caller.Tenant, requests, cancellationToken)) transaction.Stage(operation);
        var (outcome, tiers) = await transaction.CommitAsync(cancellationToken);
        if (WriteRefusals.Of(outcome, Path) is { } refusal) throw refusal;
        var committed = (WriteOutcome.Committed)outcome;
        WriteAnswer.Describe(context, watch, committed, tiers);
        return [.. committed.Results.Select(result => Item(result, tiers))];
    }

    /// <summary>Every item for itself, all at once: they share commits with each other and with whoever else writes.</summary>
    private async Task<IReadOnlyList<BatchItem>> EachAsync(
        HttpContext context, Batch batch, List<CreateRequest> requests, Refusal?[] wrong, CancellationToken cancellationToken)
    {
        var right = Enumerable.Range(0, requests.Count).Where(number => wrong[number] is null).ToList();
        var operations = await maker.MakeAsync(batch.Caller.Tenant, [.. right.Select(number => requests[number])], cancellationToken);
        var writes = right.Zip(operations, (number, operation) => WriteAsync(batch, number, operation, requests[number].RequireAll, cancellationToken)).ToList();
        var outcomes = right.Zip(await Task.WhenAll(writes)).ToDictionary(pair => pair.First, pair => pair.Second);

        // One hash covers the whole request: if an item's key names another request, all of them do.
        if (outcomes.Values.Any(one => one.Coordinated?.Outcome is WriteOutcome.KeyReused)) throw IdempotencyHeader.Reused();
        var tiers = new TierStates(true, true);
        var answers = new List<BatchItem>(requests.Count);
        for (var number = 0; number < requests.Count; number++)
        {
            var (coordinated, refusal) = wrong[number] is { } reason ? (null, reason) : outcomes[number];
            if (coordinated is not null) refusal = WriteRefusals.Of(coordinated.Outcome);
            if (coordinated is null || refusal is not null)
            {
                answers.Add(new BatchItem(refusal!.Status, Problem: ProblemHandler.Describe(refusal)));
                continue;
            }

            var committed = (WriteOutcome.Committed)coordinated.Outcome;
            WriteAnswer.See(context, watch, committed);
            if (committed.Replayed) context.Response.Headers[IdempotencyHeader.Replayed] = "true";
            tiers = tiers.And(coordinated.Tiers);
            answers.Add(Item(committed.Results[0], coordinated.Tiers));
        }

        context.Response.Headers[Tiers.Header] = tiers.ToString();
        return answers;
    }

    private static BatchItem Item(FoundMemory result, TierStates tiers) =>
        new(result.IsNew ? StatusCodes.Status201Created : StatusCodes.Status200OK, result.Event?.State?.Memory, Tiers.Of(tiers));

    private async Task<(Coordinated? Coordinated, Refusal? Refusal)> WriteAsync(
        Batch batch, int number, WriteOperation operation, bool requireAll, CancellationToken cancellationToken)
    {
        var transaction = coordinator.Begin(batch.Caller, batch.Database, batch.Now, LongWork.PartOf(batch.Key, number), batch.RequireAll || requireAll);
        transaction.Stage(operation);
        try
        {
            return (await transaction.CommitAsync(cancellationToken), null);
        }
        catch (Exception exception) when (ProblemHandler.RefusalFor(exception) is { } refusal)
        {
            return (null, refusal);
        }
    }
}
