using System.Security.Claims;
using MemoryAspire.Api.Authentication;
using MemoryAspire.Api.Requests;

namespace MemoryAspire.Api.Sessions;

/// <summary><c>DELETE /v1/sessions/{session}</c>: what is deleted is not promoted.</summary>
internal static class DeleteSession
{
    public static async Task<IResult> HandleAsync(
        string session, HttpContext context, ClaimsPrincipal principal, SessionCalls calls, CancellationToken cancellationToken)
    {
        var name = SessionRequest.Name(Caller.Of(principal), session);
        var ifMatch = IfMatchHeader.Read(context.Request);
        await calls.CallAsync(context, store => store.DeleteAsync(name, ifMatch), cancellationToken);
        return TypedResults.NoContent();
    }
}
