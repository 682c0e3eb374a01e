using System.Security.Claims;
using MemoryAspire.Api.Authentication;
using MemoryAspire.Api.Database;
using MemoryAspire.Api.Requests;
using MemoryAspire.Contracts.Identity;
using MemoryAspire.Contracts.Memories;
using MemoryAspire.Coordination;
using MemoryAspire.Postgres.Writes;

namespace MemoryAspire.Api.Memories;

/// <summary>The answer to a transaction: one result per operation, in the order sent.</summary>
internal sealed record TransactionAnswer(IReadOnlyList<OperationResult> Results, Tiers Tiers);

/// <summary>The memory as the operation left it; null when it is gone.</summary>
internal sealed record OperationResult(Memory? Memory);

/// <summary><c>POST /v1/transactions</c></summary>
internal static class WriteTransactions
{
    private const string Path = "operations";

    private const int OperationsMax = 1000;

    public static async Task<IResult> HandleAsync(
        HttpContext context,
        ClaimsPrincipal principal,
        DatabaseWatch watch,
        OperationMaker maker,
        MemoryCoordinator coordinator,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var database = watch.Current;
        var now = time.GetUtcNow();
        var body = await RequestBody.ReadBytesAsync(context.Request, cancellationToken);
        var key = IdempotencyHeader.Read(context.Request, body.Span);
        var fields = RequestBody.Parse(body);
        var requests = new List<OperationRequest?>();
        foreach (var operation in fields.Objects(Path, OperationsMax))
        {
            requests.Add(Read(operation, database.Generation.Dimension, now));
            fields.Adopt(operation);
        }

        var requireAll = fields.RequireAll() | requests.OfType<CreateRequest>().Any(create => create.RequireAll);
        fields.ThrowIfWrong();

        var caller = Caller.Of(principal);
        var transaction = coordinator.Begin(caller, database, now, key, requireAll);
        foreach (var operation in await maker.MakeAsync(caller.Tenant, [.. requests.OfType<OperationRequest>()], cancellationToken)) transaction.Stage(operation);
        var (outcome, tiers) = await transaction.CommitAsync(cancellationToken);
        if (WriteRefusals.Of(outcome, Path) is { } refusal) throw refusal;
        var committed = (WriteOutcome.Committed)outcome;
        WriteAnswer.Describe(context, watch, committed, tiers);
        return TypedResults.Json(new TransactionAnswer([.. committed.Results.Select(result => new OperationResult(result.Event?.State?.Memory))], Tiers.Of(tiers)));
    }

    private static OperationRequest? Read(RequestFields fields, int dimension, DateTimeOffset now)
    {
        switch (fields.Text("op", 32))
        {
            case "create":
                return CreateRequest.Read(fields, dimension, now);
            case "update":
                return fields.Update(Id(fields), IfMatch(fields), fields.ReadOnConflict(), dimension, now);
            case "delete":
                return new DeleteRequest(Id(fields), IfMatch(fields));
            default:
                fields.Fail("op", "must be create, update or delete.");
                return null;
        }
    }

    private static MemoryId Id(RequestFields fields)
    {
        if (MemoryId.TryParse(fields.Text("id", 64), out var id)) return id;
        fields.Fail("id", "must be the id of a memory: a UUID as the service gave it.");
        return default;
    }

    private static long? IfMatch(RequestFields fields) => fields.Integer("ifMatch", 1, int.MaxValue);
}
