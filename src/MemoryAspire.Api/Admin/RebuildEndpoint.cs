using System.Security.Claims;
using MemoryAspire.Api.Authentication;
using MemoryAspire.Api.Problems;
using MemoryAspire.Postgres.Rebuild;
using MemoryAspire.Redis.Repair;
using MemoryAspire.ServiceDefaults.Resilience;

namespace MemoryAspire.Api.Admin;

/// <summary><c>POST /v1/admin/memories/rebuild</c>: repeating it is harmless.</summary>
internal static class RebuildEndpoint
{
    extension(IHostApplicationBuilder builder)
    {
        public void AddRebuild() => builder.Services.AddSingleton<MemoryRebuild>().AddSingleton<ValueRemoval>().AddSingleton<RepairedValues>();
    }

    extension(IEndpointRouteBuilder app)
    {
        public void MapRebuild() => app.MapPost("/v1/admin/memories/rebuild", HandleAsync)
            .RequireAuthorization(Grants.Admin)
            .WithTags("Administration")
            .WithName("rebuildMemories")
            .Produces<RebuildReport>()
            .ProducesProblem(401).ProducesProblem(403).ProducesProblem(503);
    }

    private static async Task<IResult> HandleAsync(
        ClaimsPrincipal principal, MemoryRebuild rebuild, RepairedValues redis, ILogger<MemoryRebuild> logger, CancellationToken cancellationToken)
    {
        var report = RebuildReport.Empty;
        try
        {
            await foreach (var partition in rebuild.RunAsync(cancellationToken))
            {
                report = report.With(partition, await redis.DropAsync(partition));
            }
        }
        catch (Exception exception) when (StoreFailures.IsPostgresAway(exception))
        {
            throw Unfinished(report);
        }
        finally
        {
            logger.Rebuilt(Caller.Of(principal).Actor, report.Partitions, report.RowsRemoved, report.RowsAdded, report.RowsReplaced, report.IncompleteLogs.Count);
        }

        return TypedResults.Json(report);
    }

    private static Refusal Unfinished(RebuildReport report) =>
        new(StatusCodes.Status503ServiceUnavailable, "PostgreSQL went away. The partitions of the report are rebuilt, the others are as they were: repeat the request.")
        {
            RetryAfter = TimeSpan.FromSeconds(1),
            Members = new Dictionary<string, object?> { ["report"] = report },
        };
}
