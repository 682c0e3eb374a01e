using MemoryAspire.Api.Database;
using MemoryAspire.Api.Problems;
using MemoryAspire.Contracts.Positions;
using MemoryAspire.ServiceDefaults.Resilience;

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
        context.Response.OnStarting(() =>
        {
            var current = RequestConsistency.Of(context);
            context.Response.Headers[TokenHeader] = current.Seen.ToString();
            if (current.Degraded.Count > 0) context.Response.Headers[DegradedHeader] = string.Join(",", current.Degraded);
            return Task.CompletedTask;
        });
        context.Features.Set(new RequestConsistency(await ReadAsync(context, watch, empty)));
        await next(context);
    }

    private static async Task<ConsistencyToken> ReadAsync(HttpContext context, DatabaseWatch watch, ConsistencyToken empty)
    {
        var token = empty;
        foreach (var text in context.Request.Headers.GetCommaSeparatedValues(TokenHeader))
        {
            if (!ConsistencyToken.TryParse(text, out var sent) || sent.Incarnation != empty.Incarnation) throw NotIssuedHere();
            token = token.Seeing(sent.Positions);
        }

        if (!watch.Reaches(token)) await RefuseBeyondAsync(token, watch, context.RequestAborted);
        return token;
    }

    private static async Task RefuseBeyondAsync(ConsistencyToken token, DatabaseWatch watch, CancellationToken cancellationToken)
    {
        try
        {
            await watch.RefreshAsync(cancellationToken);
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
