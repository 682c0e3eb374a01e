using MemoryAspire.Api.Memories;
using MemoryAspire.Redis.Sessions;

namespace MemoryAspire.Api.Sessions;

/// <summary>The answers that show a session.</summary>
internal static class SessionAnswer
{
    /// <summary>The session as it now is; nothing but its version when the client prefers so (RFC 7240).</summary>
    public static IResult Of(HttpContext context, SessionOutcome.Done done, int status = StatusCodes.Status200OK)
    {
        context.Response.Headers.ETag = WriteAnswer.ETag(done.Version);
        if (done.Session is null || IsMinimal(context.Request)) return TypedResults.NoContent();
        var session = done.Session;
        return TypedResults.Json(
            new SessionState(
                session.Name.Name,
                ItemsOf(session),
                session.State,
                session.Ttl.TotalSeconds,
                session.MessagesMax,
                session.Policy,
                session.ExpiresAt),
            statusCode: status);
    }

    /// <summary>The messages with their ids.</summary>
    public static IReadOnlyList<SessionItem> ItemsOf(Session session) =>
        [.. session.Messages.Select((message, at) => new SessionItem(session.FirstMessage + at, message.Role, message.Content, message.At))];

    public static bool IsMinimal(HttpRequest request) => request.Headers["Prefer"].Any(value => value?.Contains("return=minimal", StringComparison.Ordinal) == true);
}
