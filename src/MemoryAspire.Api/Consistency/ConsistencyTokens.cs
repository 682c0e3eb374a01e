using MemoryAspire.Api.Database;
using MemoryAspire.Api.Problems;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.ServiceDefaults.Resilience;
using Microsoft.Extensions.Primitives;

namespace MemoryAspire.Api.Consistency;

/// <summary>
/// Reads <c>Memory-Token</c> (one or several, comma-separated) from requests under <c>/v1</c> and puts the merged
/// token on every answer.
/// </summary>
internal static class ConsistencyTokens
{
    public const string TokenHeader = "Memory-Token";

    private const string DegradedHeader = "Memory-Degraded";

    extension(IApplicationBuilder app)
    {
        public void UseConsistencyTokens() => app.UseWhen(
            context => context.Request.Path.StartsWithSegments("/v1") && context.User.Identity is { IsAuthenticated: true },
            branch => branch.Use(InvokeAsync));
    }

    private static async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var watch = context.RequestServices.GetRequiredService<DatabaseWatch>();
        var empty = ConsistencyToken.Empty(watch.Current.Incarnation);
        var consistency = new RequestConsistency(empty);

        // Answers that refuse the token carry one too: it has seen nothing.
        context.Features.Set(consistency);
        context.Response.OnStarting(WriteAsync, context);
        var required = await ReadAsync(context, watch, empty);
        if (!required.IsEmpty) context.Features.Set(new RequestConsistency(required));
        await next(context);
    }

    private static Task WriteAsync(object answered)
    {
        var context = (HttpContext)answered;
        var consistency = RequestConsistency.Of(context);
        context.Response.Headers[TokenHeader] = consistency.Seen.ToString();
        if (consistency.Degraded.Count > 0) context.Response.Headers[DegradedHeader] = string.Join(",", consistency.Degraded);
        return Task.CompletedTask;
    }

    private static async Task<ConsistencyToken> ReadAsync(HttpContext context, DatabaseWatch watch, ConsistencyToken empty)
    {
        var token = empty;
        var header = context.Request.Headers[TokenHeader];
        if (StringValues.IsNullOrEmpty(header)) return token;

        // Most often there is one.
        var texts = header is [{ } one] && !one.Contains(',', StringComparison.Ordinal) ? header.ToArray() : context.Request.Headers.GetCommaSeparatedValues(TokenHeader);
        foreach (var text in texts)
        {
            if (!ConsistencyToken.TryParse(text, out var sent) || sent.Incarnation != empty.Incarnation) throw NotIssuedHere();
            token = token.Merge(sent);
        }

        if (!watch.Reaches(token)) await RefuseBeyondAsync(token, context, watch);
        return token;
    }

    private static async Task RefuseBeyondAsync(ConsistencyToken token, HttpContext context, DatabaseWatch watch)
    {
        try
        {
            await context.RequestServices.GetRequiredService<StorePipelines>().PostgresRead.ExecuteAsync(
                async cancellationToken => await watch.RefreshAsync(cancellationToken), context.RequestAborted);
        }
        catch (Exception exception) when (StoreFailures.IsPostgresAway(exception))
        {
            // Another process may have issued it. The tiers compare their own positions with it anyway.
            return;
        }

        if (!watch.Reaches(token)) throw NotIssuedHere();
    }

    private static Refusal NotIssuedHere() => Refusal.BadRequest(TokenHeader, "was not issued by this database.");
}
