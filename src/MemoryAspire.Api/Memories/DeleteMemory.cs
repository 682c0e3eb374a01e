using System.Globalization;
using System.Security.Claims;
using MemoryAspire.Api.Authentication;
using MemoryAspire.Api.Database;
using MemoryAspire.Api.Problems;
using MemoryAspire.Api.Requests;
using MemoryAspire.Coordination;
using MemoryAspire.Postgres.Writes;

namespace MemoryAspire.Api.Memories;

/// <summary><c>DELETE /v1/memories/{id}</c></summary>
internal static class DeleteMemory
{
    public static async Task<IResult> HandleAsync(
        string id,
        HttpContext context,
        ClaimsPrincipal principal,
        DatabaseWatch watch,
        MemoryCoordinator coordinator,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var delete = new WriteOperation.Delete(QueryFields.Id(id), IfMatch(context.Request));
        var caller = Caller.Of(principal);
        var database = watch.Current;
        var transaction = new WriteTransaction(
            Guid.CreateVersion7(time.GetUtcNow()), caller.Tenant, caller.Actor, database.Generation.Model, [delete], IdempotencyHeader.Read(context.Request, []));
        var (outcome, tiers) = await coordinator.CommitAsync(transaction, database, cancellationToken);
        WriteAnswer.Single(context, watch, outcome, tiers);
        return TypedResults.NoContent();
    }

    /// <summary>The version in <c>If-Match: "3"</c>; null when absent or <c>*</c>.</summary>
    private static long? IfMatch(HttpRequest request)
    {
        var text = request.Headers.IfMatch.ToString();
        if (text is "" or "*") return null;
        return text is ['"', .. var version, '"'] && long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Refusal.BadRequest("If-Match", "must be a version in quotes, as the ETag gives it.");
    }
}
