using System.Security.Claims;
using MemoryAspire.Api.Authentication;
using MemoryAspire.Api.Problems;
using MemoryAspire.Api.Requests;
using MemoryAspire.Redis.Sessions;
using Microsoft.Extensions.Options;

namespace MemoryAspire.Api.Sessions;

/// <summary><c>PUT /v1/sessions/{session}</c>: the whole session, new or instead of the one there.</summary>
internal static class PutSession
{
    public static async Task<IResult> HandleAsync(
        string session, HttpContext context, ClaimsPrincipal principal, SessionCalls calls, IOptions<SessionOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        var name = SessionRequest.Name(Caller.Of(principal), session);
        var fields = await RequestBody.ReadAsync(context.Request, cancellationToken);
        var draft = SessionRequest.Draft(fields, name, options.Value, time.GetUtcNow());
        fields.ThrowIfWrong();
        if (SessionStore.BytesOf(draft) is var bytes && bytes > options.Value.BytesMax)
        {
            throw Refusal.BadRequest(draft.Messages.Count > 0 ? "messages" : "state", $"make a session of {bytes} bytes; it may have {options.Value.BytesMax}.");
        }

        var ifMatch = IfMatchHeader.Read(context.Request);
        var done = await calls.CallAsync(context, store => store.PutAsync(name, draft, ifMatch), cancellationToken);
        return SessionAnswer.Of(context, done, done.IsNew ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }
}
