using System.Security.Claims;
using MemoryAspire.Api.Authentication;
using MemoryAspire.Api.Requests;
using Microsoft.Extensions.Options;

namespace MemoryAspire.Api.Sessions;

/// <summary><c>POST /v1/sessions/{session}/messages</c></summary>
internal static class AppendMessages
{
    public static async Task<IResult> HandleAsync(
        string session, HttpContext context, ClaimsPrincipal principal, SessionCalls calls, IOptions<SessionOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        var name = SessionRequest.Name(Caller.Of(principal), session);
        var fields = await RequestBody.ReadAsync(context.Request, cancellationToken);
        var messages = SessionRequest.Appended(fields, time.GetUtcNow());
        var messagesMax = SessionRequest.MaxMessages(fields);
        fields.ThrowIfWrong();

        var ifMatch = IfMatchHeader.Read(context.Request);
        var isWhole = !SessionAnswer.IsMinimal(context.Request);
        var done = await calls.CallAsync(
            context, store => store.AppendAsync(name, messages, messagesMax, options.Value.BytesMax, ifMatch, isWhole), cancellationToken);
        return SessionAnswer.Of(context, done);
    }
}
