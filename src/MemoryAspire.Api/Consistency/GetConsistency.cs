using System.Security.Claims;
using MemoryAspire.Api.Authentication;
using MemoryAspire.Api.History;
using MemoryAspire.Api.Requests;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MemoryAspire.Api.Consistency;

/// <summary><c>GET /v1/memories/{id}/consistency</c></summary>
internal static class GetConsistency
{
    /// <summary>A memory that is written meanwhile is compared again, so many times in all.</summary>
    private const int RoundsMax = 3;

    extension(IHostApplicationBuilder builder)
    {
        public void AddConsistency() => builder.Services.AddSingleton<TierReads>();
    }

    extension(IEndpointRouteBuilder app)
    {
        public void MapConsistency() => app.MapGet("/v1/memories/{id}/consistency", HandleAsync)
            .RequireAuthorization(Grants.Read)
            .WithTags("Memories")
            .WithName("getMemoryConsistency")
            .Produces<TierVersions>()
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(503);
    }

    private static async Task<IResult> HandleAsync(
        string id, HttpContext context, ClaimsPrincipal principal, PastReads past, TierReads tiers, CancellationToken cancellationToken)
    {
        var memoryId = QueryFields.Id(id);
        var tenant = Caller.Of(principal).Tenant;
        var consistency = RequestConsistency.Of(context);

        // PostgreSQL first: it alone knows whose memory this is.
        var stored = await past.ReadPresenceAsync(tenant, memoryId, consistency, cancellationToken);
        for (var round = 1; ; round++)
        {
            var redis = tiers.InRedisAsync(memoryId, cancellationToken);
            var index = tiers.InIndexAsync(memoryId, cancellationToken);
            var versions = TierVersions.Compare(stored.Version, await redis, await index);
            if (versions.Consistent != false || round == RoundsMax) return Answer(versions, consistency);

            // A difference counts only if PostgreSQL held still while the others were asked.
            var again = await past.ReadPresenceAsync(tenant, memoryId, consistency, cancellationToken);
            if (again.Version == stored.Version) return Answer(versions, consistency);
            stored = again;
        }
    }

    private static JsonHttpResult<TierVersions> Answer(TierVersions versions, RequestConsistency consistency)
    {
        if (versions.Redis is null) consistency.PassOver("redis");
        if (versions.Index is null) consistency.PassOver("index");
        return TypedResults.Json(versions);
    }
}
