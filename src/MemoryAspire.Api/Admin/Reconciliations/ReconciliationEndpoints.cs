using System.Security.Claims;
using MemoryAspire.Api.Authentication;
using MemoryAspire.Api.Problems;
using MemoryAspire.Api.Requests;
using MemoryAspire.Postgres.Reconciliation;
using MemoryAspire.ServiceDefaults.Resilience;

namespace MemoryAspire.Api.Admin.Reconciliations;

/// <summary>
/// <c>/v1/admin/reconciliations</c>: asks for comparisons of the tiers, and tells what came of them. The reconciler that
/// leads finds what was asked in PostgreSQL.
/// </summary>
internal static class ReconciliationEndpoints
{
    private const string Path = "/v1/admin/reconciliations";
    private const int LimitMax = 1000;
    private const int LimitUsual = 20;

    extension(IEndpointRouteBuilder app)
    {
        public void MapReconciliations()
        {
            var group = app.MapGroup(Path).RequireAuthorization(Grants.Admin).WithTags("Administration")
                .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(503);
            group.MapPost("", BeginAsync).WithName("reconcile").Produces<ReconciliationAccepted>(202);
            group.MapGet("", ListAsync).WithName("listReconciliations").Produces<ReconciliationList>();
            group.MapGet("/{id:guid}", GetAsync).WithName("getReconciliation").Produces<ReconciliationAnswer>().ProducesProblem(404);
            group.MapDelete("/{id:guid}", CancelAsync).WithName("cancelReconciliation").Produces<ReconciliationAnswer>(202).ProducesProblem(404).ProducesProblem(409);
        }
    }

    private static async Task<IResult> BeginAsync(
        HttpRequest request, ClaimsPrincipal principal, ReconciliationRuns runs, StorePipelines pipelines, CancellationToken cancellationToken)
    {
        var order = await ReconciliationRequest.ReadAsync(request, cancellationToken);
        var id = await pipelines.PostgresWrite.ExecuteAsync(
            async token => await runs.RequestAsync(Caller.Of(principal).Actor, order, token), cancellationToken);
        return TypedResults.Accepted($"{Path}/{id}", new ReconciliationAccepted(id));
    }

    private static async Task<IResult> ListAsync(HttpRequest request, ReconciliationRuns runs, StorePipelines pipelines, CancellationToken cancellationToken)
    {
        var limit = QueryFields.Limit(request, LimitUsual, LimitMax);
        var found = await pipelines.PostgresRead.ExecuteAsync(async token => await runs.ListAsync(limit, token), cancellationToken);
        return TypedResults.Json(new ReconciliationList([.. found.Select(ReconciliationAnswer.Of)]));
    }

    private static async Task<IResult> GetAsync(Guid id, ReconciliationRuns runs, StorePipelines pipelines, CancellationToken cancellationToken) =>
        await pipelines.PostgresRead.ExecuteAsync(async token => await runs.FindAsync(id, token), cancellationToken) is { } run
            ? TypedResults.Json(ReconciliationAnswer.Of(run))
            : throw NotFound();

    private static async Task<IResult> CancelAsync(Guid id, ReconciliationRuns runs, StorePipelines pipelines, CancellationToken cancellationToken)
    {
        var run = await pipelines.PostgresWrite.ExecuteAsync(async token => await runs.CancelAsync(id, token), cancellationToken) ?? throw NotFound();
        return run.State is "completed" or "failed"
            ? throw new Refusal(StatusCodes.Status409Conflict, $"The reconciliation is {run.State} already.")
            : TypedResults.Accepted($"{Path}/{id}", ReconciliationAnswer.Of(run));
    }

    private static Refusal NotFound() => new(StatusCodes.Status404NotFound, "There is no reconciliation with this id.");
}
