using System.Globalization;
using MemoryAspire.Postgres.Writes;
using MemoryAspire.ServiceDefaults.Resilience;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;

namespace MemoryAspire.Api.Problems;

/// <summary>Turns exceptions into problem details. What has no name here is a bug: 500, and logged.</summary>
internal sealed class ProblemHandler(IProblemDetailsService problems) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        if (RefusalFor(context, exception) is not { } refusal) return false;
        context.Response.StatusCode = refusal.Status;
        if (refusal.RetryAfter is { } wait)
        {
            context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        return await problems.TryWriteAsync(new() { HttpContext = context, ProblemDetails = Describe(refusal), Exception = exception });
    }

    /// <summary>The problem, for the answer itself or for one item of it.</summary>
    public static ProblemDetails Describe(Refusal refusal)
    {
        var problem = new ProblemDetails { Status = refusal.Status, Title = ReasonPhrases.GetReasonPhrase(refusal.Status), Detail = refusal.Message };
        if (refusal.Errors is { } errors) problem.Extensions["errors"] = errors;
        foreach (var (name, value) in refusal.Members) problem.Extensions[name] = value;
        return problem;
    }

    /// <summary>What a client is told of an exception; null when it is a bug.</summary>
    public static Refusal? RefusalFor(Exception exception) => exception switch
    {
        Refusal refusal => refusal,
        BadHttpRequestException bad => new Refusal(bad.StatusCode, bad.Message),
        UnknownOutcomeException => Refusal.Unavailable(
            "Whether this was stored is not known. Repeat the request with the same Idempotency-Key.", "unknown"),
        _ when StoreFailures.IsPostgresAway(exception) => Refusal.Unavailable("PostgreSQL cannot be reached. Nothing was stored.", "notStored"),
        _ => null,
    };

    private static Refusal? RefusalFor(HttpContext context, Exception exception) => exception switch
    {
        _ when HttpMethods.IsGet(context.Request.Method) && StoreFailures.IsPostgresAway(exception) =>
            Refusal.Unavailable("PostgreSQL cannot be reached, and no other tier can answer this."),
        OperationCanceledException when context.RequestAborted.IsCancellationRequested => new Refusal(499, "The client closed the request."),
        _ => RefusalFor(exception),
    };
}
