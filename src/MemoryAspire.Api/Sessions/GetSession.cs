using System.Security.Claims;
using MemoryAspire.Api.Authentication;

namespace MemoryAspire.Api.Sessions;

/// <summary><c>GET /v1/sessions/{session}</c></summary>
internal static class GetSession
{
    public static async Task<IResult> HandleAsync(
        string session, HttpContext context, ClaimsPrincipal principal, SessionCalls calls, CancellationToken cancellationToken)
    {
        var name = SessionRequest.Name(Caller.Of(principal), session);
        return SessionAnswer.Of(context, await calls.CallAsync(context, store => store.GetAsync(name), cancellationToken));
    }
}
