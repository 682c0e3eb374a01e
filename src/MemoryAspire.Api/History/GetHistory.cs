using System.Globalization;
using System.Security.Claims;
using MemoryAspire.Api.Authentication;
using MemoryAspire.Api.Consistency;
using MemoryAspire.Api.Problems;
using MemoryAspire.Api.Requests;

namespace MemoryAspire.Api.History;

/// <summary><c>GET /v1/memories/{id}/history</c></summary>
internal static class GetHistory
{
    private const int LimitDefault = 100;

    private const int LimitMax = 1000;

    public static async Task<IResult> HandleAsync(
        string id, HttpContext context, ClaimsPrincipal principal, PastReads past, CancellationToken cancellationToken)
    {
        var memoryId = QueryFields.Id(id);
        var limit = QueryFields.Limit(context.Request, LimitDefault, LimitMax);
        var after = Cursor(context.Request);
        var tenant = Caller.Of(principal).Tenant;
        var consistency = RequestConsistency.Of(context);

        // One more than asked for tells whether there is a next page.
        var read = await past.ReadAsync(memoryId, (history, token) => history.ReadAsync(tenant, memoryId, after, limit + 1, token), consistency, cancellationToken);
        if (read.Events.Count == 0 && after == 0) throw Refusal.NotFound();

        // The end of a history is not the absence of one.
        if (read.Events.Count == 0) await past.ReadPresenceAsync(tenant, memoryId, consistency, cancellationToken);
        var items = read.Events.Take(limit).Select(HistoryItem.Of).ToList();
        return TypedResults.Json(new HistoryList(items, read.Events.Count > limit ? items[^1].Version.ToString(CultureInfo.InvariantCulture) : null));
    }

    /// <summary>The version that the page before ended with.</summary>
    private static long Cursor(HttpRequest request)
    {
        if (!request.Query.TryGetValue("cursor", out var values)) return 0;
        return long.TryParse(values.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version
            : throw Refusal.BadRequest("cursor", "must be the nextCursor of the page before.");
    }
}
